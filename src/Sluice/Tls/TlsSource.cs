using System.Net.Security;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>
/// Receives the content of records, and holds the session lock while it may use the session. It waits on the channel below until a whole record has arrived:
/// an earlier read of <see cref="SslStream"/> would allocate for the wait, and keep a buffer.
/// </summary>
internal sealed class TlsSource(TlsLayer layer, SslStream ssl, RecordStream records, ByteReadChannel below, SslSessionLock sessionLock)
    : StreamSource(ssl, below.CreateReadEventAbove())
{
    // What the session has failed with. Each later read fails with it: SslStream would wait for a record that never comes. Used by the reader.
    private IOException? _failure;

    public override TimeProvider TimeProvider => below.TimeProvider;

    public override string? PeerName => layer.PeerName;

    public override PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        PooledTask<WaitOutcome> wait = base.WaitReadableAsync(cancellationToken);
        return IsReading ? wait : below.WaitReadableAsync(cancellationToken);
    }

    public override Exception ReadFailure(WaitOutcome outcome) => layer.ReadFailure(outcome);

    public override void InterruptRead()
    {
        base.InterruptRead();
        below.InterruptRead();
    }

    public override bool IsSignallable => below.IsSignallable;

    public override bool HoldsReceived => IsReading ? !IsReadPending : records.HoldsRecord;

    public override void SignalReadable()
    {
        base.SignalReadable();
        below.SignalReadable();
    }

    // The record may contain no data, but a session ticket or a key update (RFC 8446, 4.6). SslStream then reads the next record, and keeps the bytes that do
    // not fit. The channel below does not show those.
    protected override bool IsWorthReading(out int most)
    {
        if ((_failure ?? layer.Failure) is { } failure)
        {
            throw new IOException(failure.Message, failure.InnerException);
        }

        bool hasRecord = records.HasRecord(out most);
        if (!HasFilledMemory)
        {
            return hasRecord;
        }

        most = RecordBounds.MaxContent;
        return true;
    }

    protected override void OnReading() => sessionLock.Enter();

    protected override void OnRead() => sessionLock.Exit();

    protected override IOException Explain(IOException failure)
    {
        IOException explained = layer.Named(failure, "Reading from");

        // A pool without memory for the channel below is no failure of the session.
        if (!RentFailures.AreCauseOf(failure))
        {
            _failure = explained;
        }

        return explained;
    }

    protected override void OnEnded() => layer.ThrowIfTruncated();
}
