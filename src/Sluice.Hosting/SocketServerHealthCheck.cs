using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sluice.Scheduling;

namespace Sluice.Hosting;

/// <summary>Checks that a server listens, that event loops respond, and that file descriptors are left.</summary>
internal sealed class SocketServerHealthCheck(ISocketServer server, SelectorManager selector) : IHealthCheck
{
    // A blocked loop is handed to another thread within milliseconds. A loop that does not respond for this long is dead.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>();
        foreach ((string key, System.Net.EndPoint endPoint) in server.EndPoints)
        {
            data[key] = endPoint.ToString() ?? string.Empty;
        }

        if (!server.IsListening)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"Socket server '{server.Name}' does not listen.", data: data);
        }

        if (server.IsDraining)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"Socket server '{server.Name}' is draining.", data: data);
        }

        try
        {
            await selector.PingAsync(cancellationToken).EndOrCancelAsync(s_patience, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or ObjectDisposedException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "An event loop does not respond.", exception, data);
        }

        if (Descriptors.Read() is { } descriptors)
        {
            data["descriptors"] = descriptors.Used;
            data["descriptors.max"] = descriptors.Max;
            if (descriptors.AreScarce)
            {
                return HealthCheckResult.Degraded($"{descriptors.Used} of {descriptors.Max} descriptors are in use.", data: data);
            }
        }

        return HealthCheckResult.Healthy($"Socket server '{server.Name}' listens.", data);
    }
}
