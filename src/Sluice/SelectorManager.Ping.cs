using Sluice.Scheduling;

namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>
    /// Waits until every event loop has run a work item, for a health check. It takes microseconds, unless a loop is blocked or busy.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task PingAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _stopping) != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        var pings = new List<Task>();
        foreach (IScheduler scheduler in Sockets.Schedulers)
        {
            var ping = new RoundTrip();
            scheduler.Schedule(ping);
            pings.Add(ping.Answered);
        }

        await Task.WhenAll(pings).EndOrCancelAsync(cancellationToken).ConfigureAwait(false);
    }
}
