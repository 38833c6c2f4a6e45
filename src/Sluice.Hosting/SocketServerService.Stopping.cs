using Microsoft.Extensions.Hosting;
using Sluice.Scheduling;
using Sluice.Serving;

namespace Sluice.Hosting;

// The steps of a stop. The host takes them with all of its services: it begins to stop, StoppingAsync, StopAsync, StoppedAsync.
internal sealed partial class SocketServerService
{
    public bool IsDraining => IsListening && _stop.HasBegun;

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // All other services still run. The delay began when the host did: so those of several servers run at the same time.
    async Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken)
    {
        _stop.Begin();
        TimeSpan left = _drainDelay - _stop.Elapsed;
        if (IsListening && left > TimeSpan.Zero)
        {
            _logger.ServerDraining(Name, left.TotalSeconds);
            await CancellableWaits.DelayAsync(left, _stop.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        _registration.StopsLast ? Task.CompletedTask : StopListeningAsync(cancellationToken);

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) =>
        _registration.StopsLast ? StopListeningAsync(cancellationToken) : Task.CompletedTask;

    private async Task StopListeningAsync(CancellationToken cancellationToken)
    {
        if (!_listening)
        {
            return;
        }

        _listening = false;
        int aborted = 0;
        var steps = new DisposalSteps();
        steps.Run(() => _changes?.Dispose());
        await steps.RunAsync(async () => aborted = await _servers.StopAsync(_limits.Serve.Grace, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await steps.RunAsync(_stopping.CancelAsync).ConfigureAwait(false);
        Close(steps);

        // A handler that stops the host does not wait for itself.
        if (!HandlerScope.IsInside(this))
        {
            await Task.WhenAll(_running).EndOrCancelAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        LogFailure(steps);
        _logger.ServerStopped(Name, aborted);
    }
}
