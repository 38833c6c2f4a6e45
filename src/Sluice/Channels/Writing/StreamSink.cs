using System.Buffers;

namespace Sluice.Channels.Writing;

/// <summary>Writes to a stream, and flushes it.</summary>
internal sealed class StreamSink(Stream stream) : TaskSink
{
    public override string ClosedName => typeof(ByteWriteChannel).FullName!;

    // What went wrong with a stream of others is for the writer to hear.
    public override bool HasLostReader(IOException failure) => false;

    public override bool CallsUserCode => true;

    // The stream is its owner's.
    public override void ShutdownOutput()
    {
    }

    public override void AbortOutput(Exception cause)
    {
    }

    protected override async Task SendAsync(ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            await stream.WriteAsync(segment, CancellationToken.None).ConfigureAwait(false);
        }

        await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
