using System.Net.Security;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>
/// Receives what records hold, and has the turn while it may be in the session. It waits on the channel below until a whole record is
/// there: <see cref="SslStream"/>, were it asked before, would allocate for the wait, and keep a buffer.
/// </summary>
internal sealed class TlsSource(TlsLayer layer, SslStream ssl, RecordStream records, ByteReadChannel below, SslSessionLock turn, IScheduler scheduler)
    : StreamSource(ssl, scheduler)
{
    public override TimeProvider TimeProvider => below.TimeProvider;

    public override string? PeerName => layer.PeerName;

    public override bool IsLackOfMemory(Exception exception) => below.IsLackOfMemory(exception);

    public override Exception ReceiveFailure(WaitOutcome signal) => below.FailureOf(signal);

    public override void InterruptReceive()
    {
        base.InterruptReceive();
        below.InterruptWait();
    }

    public override bool IsSignallable => below.IsSignallable;

    public override void SignalReceivable()
    {
        base.SignalReceivable();
        below.SignalReceivable();
    }

    // The record that was measured may hold no data: a session ticket, or an update of keys (RFC 8446, 4.6). SslStream then reads the record behind it, and
    // keeps what of that does not fit. The channel below knows nothing of it.
    protected override bool IsWorthReading(out int most)
    {
        bool hasRecord = records.HasRecord(out most);
        if (!HasFilledMemory)
        {
            return hasRecord;
        }

        most = RecordBounds.MaxContent;
        return true;
    }

    protected override ValueTask<WaitOutcome> WaitWorthReadingAsync(CancellationToken cancellationToken) => below.WaitForMoreAsync(cancellationToken);

    protected override void OnReading() => turn.Enter();

    protected override void OnRead() => turn.Exit();

    protected override IOException Explain(IOException failure) => layer.Named(failure, "Reading from");

    protected override void OnEnded() => layer.ThrowIfTruncated();
}
