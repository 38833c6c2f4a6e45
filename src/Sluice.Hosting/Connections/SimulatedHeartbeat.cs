using Microsoft.AspNetCore.Connections.Features;
using Sluice.Scheduling;

namespace Sluice.Hosting.Connections;

/// <summary>
/// The heartbeat of a connection of Kestrel on a simulated host. It beats once a second of the host's clock, in the simulation. The timer thread of Kestrel is
/// outside of it, and resumes code of HTTP/2 at each of its beats.
/// </summary>
internal sealed class SimulatedHeartbeat(TimeProvider clock) : IConnectionHeartbeatFeature, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    // Everything of a simulation is on one thread.
    private readonly List<(Action<object> Action, object State)> _handlers = [];
    private ITimer? _timer;

    public void OnHeartbeat(Action<object> action, object state)
    {
        _handlers.Add((action, state));
        _timer ??= Timers.Create(clock, Beat, s_interval, s_interval);
    }

    public void Dispose() => _timer?.Dispose();

    private void Beat() => _handlers.ForEach(handler => handler.Action(handler.State));
}
