using System.Net;
using System.Net.Sockets;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Serving;

/// <summary>
/// Waits after an accept that failed for a reason that passes. Without it, a listener out of descriptors would try again as fast as it can:
/// the connection it
/// cannot take stays in the backlog.
/// </summary>
internal sealed class AcceptBackoff(SocketEngine engine, EndPoint localEndPoint)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private TimeSpan _next = s_first;

    public void Reset() => _next = s_first;

    public async ValueTask PauseAsync(SocketException error, CancellationToken cancellationToken)
    {
        engine.Logger.AcceptFailed(localEndPoint, error.Message, _next.TotalMilliseconds);
        TimeSpan pause = _next;
        _next = pause * 2 < s_longest ? pause * 2 : s_longest;
        await CancellableWaits.DelayAsync(pause, engine.TimeProvider, cancellationToken).ConfigureAwait(false);
    }
}
