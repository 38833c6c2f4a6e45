using System.Net.Security;
using Sluice.Channels;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>Receives what records hold, and has the turn while it may be in the session.</summary>
internal sealed class TlsSource(TlsLayer layer, SslStream ssl, RecordTurn turn, IScheduler scheduler) : StreamSource(ssl, scheduler)
{
    protected override void OnReading() => turn.Enter();

    protected override void OnRead() => turn.Exit();

    protected override void OnEnded() => layer.ThrowIfTruncated();
}
