using System.Buffers;
using System.Net.Security;
using Sluice.Channels.Buffers;
using Sluice.Channels.Writing;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>Encrypts written bytes into records and sends them. The bytes of one turn go into as few records as possible.</summary>
internal sealed class TlsSink(TlsLayer layer, SslStream ssl, ByteWriteChannel below, IScheduler scheduler) : TaskSink(scheduler)
{
    // RFC 8446, 5.1: the largest content of a record.
    private const int MaxRecord = 16 * 1024;

    public override string ClosedName => TypeNames.StreamSocket;

    public override TimeProvider TimeProvider => below.TimeProvider;

    public override TimeSpan CloseTimeout => below.CloseTimeout;

    public override bool HasLostReader(IOException failure) => below.IsReaderGone;

    public override string? PeerName => layer.PeerName;

    public override ReadinessEvent CreateProgressEvent() => below.CreateProgressEventAbove();

    public override Exception SendTimeout() => below.SendTimeout();

    public override ObjectDisposedException Closed() => layer.Closed();

    public override void ShutdownOutput() => _ = layer.ShutdownAsync();

    public override void AbortOutput(Exception cause) => layer.Abort();

    protected override async Task SendAsync(ReadOnlySequence<byte> bytes)
    {
        try
        {
            await EncryptAsync(bytes).ConfigureAwait(false);
            await below.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (RentFailures.AreCauseOf(exception))
        {
            // The session has counted a record that the peer will not get. Other failures are those of the connection, whose reads end by themselves.
            layer.Fail(exception);
            throw;
        }
    }

    private async Task EncryptAsync(ReadOnlySequence<byte> bytes)
    {
        if (!bytes.IsSingleSegment && bytes.Length <= MaxRecord)
        {
            await SendTogetherAsync(bytes).ConfigureAwait(false);
        }
        else
        {
            foreach (ReadOnlyMemory<byte> segment in bytes)
            {
                await ssl.WriteAsync(segment, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task SendTogetherAsync(ReadOnlySequence<byte> bytes)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
        try
        {
            bytes.CopyTo(rented);
            await ssl.WriteAsync(rented.AsMemory(0, (int)bytes.Length), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }
}
