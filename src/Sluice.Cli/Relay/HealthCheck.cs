using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>
/// Connects to each target from time to time, with TLS if the target has it, and closes again. A target that is no socket with an address is not checked: a
/// command would run each time, and a descriptor would be closed.
/// </summary>
internal sealed class HealthCheck(TargetList targets, Dialer dialer, RelayLog log)
{
    private readonly Target[] _checked = [.. targets.All.Where(target => AddressKind.Sockets.HasFlag(target.Address.Kind))];

    public async Task RunAsync(TimeSpan interval, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            do
            {
                await Task.WhenAll(_checked.Select(target => CheckAsync(target, stopping)));
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The relay stops.
        }
    }

    private async Task CheckAsync(Target target, CancellationToken stopping)
    {
        try
        {
            // A PROXY header of the relay's own connections would say LOCAL; without one, the target only sees a connection that ends.
            await using Link link = await dialer.OpenAsync(target.Address, stopping);
            if (target.MarkUp())
            {
                log.TargetUp(target);
            }
        }
        catch (Exception exception) when (Failures.IsLocalShortage(exception))
        {
            // Says nothing about the target.
        }
        catch (Exception exception) when (Failures.IsExpected(exception))
        {
            if (target.MarkDown(TimeProvider.System.GetTimestamp()))
            {
                log.TargetDown(target, Failures.MessageOf(exception));
            }
        }
    }
}
