using System.Net;
using System.Net.Sockets;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Serving;

/// <summary>
/// Waits after an accept that failed for a transient reason. Without the wait, a listener that is out of descriptors would retry as fast as it can: the
/// connection that it cannot accept stays in the backlog.
/// </summary>
internal sealed class AcceptBackoff(SocketEngine engine, EndPoint localEndPoint)
{
    private Backoff _backoff = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1));

    public void Reset() => _backoff.Reset();

    public async ValueTask PauseAsync(SocketException error, CancellationToken cancellationToken)
    {
        TimeSpan pause = _backoff.Next();
        engine.Logger.AcceptFailed(localEndPoint, error.Message, pause.TotalMilliseconds);
        await CancellableWaits.DelayAsync(pause, engine.TimeProvider, cancellationToken).ConfigureAwait(false);
    }
}
