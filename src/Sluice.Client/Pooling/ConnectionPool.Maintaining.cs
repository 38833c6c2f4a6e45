using Sluice.Client.Pooling;
using Sluice.Scheduling;

namespace Sluice.Client;

// The task that closes connections which are idle for too long or too old, and keeps the smallest number open.
public sealed partial class ConnectionPool<TConnection>
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private async Task MaintainAsync(CancellationToken stopped)
    {
        TimeSpan pause = GetPause();
        try
        {
            while (true)
            {
                Task tooFew = WhenTooFew();
                await FillAsync(stopped).ConfigureAwait(false);
                await PauseAsync(tooFew, pause, _timeProvider, stopped).ConfigureAwait(false);
                CloseOld();
            }
        }
        catch (Exception) when (stopped.IsCancellationRequested)
        {
            // The pool is disposed of. A connection may have failed to open at that very moment.
        }
    }

    private static async Task PauseAsync(Task tooFew, TimeSpan pause, TimeProvider timeProvider, CancellationToken stopped)
    {
        try
        {
            await tooFew.EndOrCancelAsync(pause, timeProvider, stopped).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Enough of them are open.
        }
        catch (Exception) when (!stopped.IsCancellationRequested && !ReferenceEquals(timeProvider, TimeProvider.System))
        {
            // The clock of the options throws. The system's says when the next round is.
            await PauseAsync(tooFew, pause, TimeProvider.System, stopped).ConfigureAwait(false);
        }
    }

    // Completes when a connection was closed and fewer than the smallest number are left. To be called before the count is looked at.
    private Task WhenTooFew()
    {
        lock (_lock)
        {
            return (_tooFew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    // A try to open one that fails does not come here, so that the next one waits for the next round.
    private void RefillSoon()
    {
        lock (_lock)
        {
            if (_total < _options.MinConnections)
            {
                _tooFew.TrySetResult();
            }
        }
    }

    private TimeSpan GetPause()
    {
        TimeSpan shortest = s_longestPause;
        foreach (TimeSpan time in (ReadOnlySpan<TimeSpan>)[_options.IdleTimeout, _options.MaxLifetime])
        {
            if (time != Timeout.InfiniteTimeSpan && time / 4 < shortest)
            {
                shortest = time / 4;
            }
        }

        return shortest > s_shortestPause ? shortest : s_shortestPause;
    }

    private async Task FillAsync(CancellationToken stopped)
    {
        while (TryReserveForMinimum())
        {
            PoolEntry<TConnection> entry;
            try
            {
                entry = await OpenAsync(_options.RentTimeout, stopped).ConfigureAwait(false);
            }
            catch (Exception) when (!stopped.IsCancellationRequested)
            {
                // The next round tries again. A caller that opens a connection is told why that fails.
                return;
            }

            if (!TryKeep(entry))
            {
                await CloseAsync(entry.Connection).ConfigureAwait(false);
            }
        }
    }

    private bool TryReserveForMinimum()
    {
        lock (_lock)
        {
            if (_isDisposed || _total >= _options.MinConnections)
            {
                return false;
            }

            _total++;
            return true;
        }
    }

    private void CloseOld()
    {
        long now;
        try
        {
            now = _timeProvider.GetTimestamp();
        }
        catch (Exception)
        {
            // Without the time, no connection is too old. The next round asks again.
            return;
        }

        List<PoolEntry<TConnection>>? old = null;
        lock (_lock)
        {
            // The longest idle are at the front. Those that are too old are replaced by FillAsync.
            int spare = _total - _options.MinConnections;
            for (int i = 0; i < _idle.Count;)
            {
                PoolEntry<TConnection> entry = _idle[i];
                if (IsPast(entry.OpenedAt, _options.MaxLifetime, now) || (spare > 0 && IsPast(entry.IdleSince, _options.IdleTimeout, now)))
                {
                    (old ??= []).Add(entry);
                    _idle.RemoveAt(i);
                    spare--;
                }
                else
                {
                    i++;
                }
            }
        }

        old?.ForEach(CloseInBackground);
    }

    // The clock is not called under the lock: it may be the user's. This only computes.
    private bool IsPast(long since, TimeSpan limit, long now) =>
        limit != Timeout.InfiniteTimeSpan && Seconds(since, now) > limit.TotalSeconds;

    private double Seconds(long since, long now) => (now - since) / (double)_frequency;
}
