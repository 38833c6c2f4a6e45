using Sluice.Client.Pooling;
using Sluice.Scheduling;

namespace Sluice.Client;

// The way of a caller to a connection that has to be checked, opened or waited for, and of a connection that is closed.
public sealed partial class ConnectionPool<TConnection>
{
    // Takes idle connections until one is usable, then opens one, or waits.
    private async ValueTask<PooledConnection<TConnection>> RentSlowAsync(
        PoolEntry<TConnection>? checkFirst, long started, CancellationToken cancellationToken)
    {
        PoolEntry<TConnection>? entry = checkFirst;
        while (true)
        {
            entry ??= await TakeAsync(started, cancellationToken).ConfigureAwait(false);
            if (entry is null)
            {
                return Lend(await OpenInTimeAsync(started, cancellationToken).ConfigureAwait(false), started);
            }

            if (IsFresh(entry, GetTimestamp(entry), out bool needsCheck)
                && (!needsCheck || await CheckAsync(entry, cancellationToken).ConfigureAwait(false)))
            {
                return Lend(entry, started);
            }

            CloseInBackground(entry);
            entry = null;
        }
    }

    // Null if the first idle connection is not usable, or there is none.
    private PoolEntry<TConnection>? TryTakeIdle(long now, out bool needsCheck)
    {
        PoolEntry<TConnection>? entry;
        needsCheck = false;
        lock (_lock)
        {
            if (_isDisposed || _idle.Count == 0)
            {
                return null;
            }

            entry = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
        }

        if (IsFresh(entry, now, out needsCheck))
        {
            return entry;
        }

        CloseInBackground(entry);
        return null;
    }

    // Null for the right to open a connection, which is counted already.
    private async ValueTask<PoolEntry<TConnection>?> TakeAsync(long started, CancellationToken cancellationToken)
    {
        PoolWaiter<TConnection> waiter;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ConnectionPool<TConnection>));
            if (_idle.Count > 0)
            {
                PoolEntry<TConnection> entry = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                return entry;
            }

            if (_total < _options.MaxConnections)
            {
                _total++;
                return null;
            }

            if (_waiters.Count >= _options.MaxWaiting)
            {
                throw new InvalidOperationException(
                    $"The pool '{_options.Name}' has no connection, and {_waiters.Count} callers wait for one already (MaxWaiting).");
            }

            waiter = new PoolWaiter<TConnection>();
            _waiters.AddLast(waiter.Node);
        }

        try
        {
            await ((Task)waiter.Task).EndOrCancelAsync(Left(started), _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The clock of the options may throw, too.
            if (!TryLeave(waiter))
            {
                // It was served at this moment, or the pool is disposed of.
                await GiveBackAsync(waiter).ConfigureAwait(false);
            }

            if (exception is TimeoutException)
            {
                throw TimedOut(exception);
            }

            throw;
        }

        return await waiter.Task.ConfigureAwait(false);
    }

    private bool TryLeave(PoolWaiter<TConnection> waiter)
    {
        lock (_lock)
        {
            if (waiter.Node.List is null)
            {
                return false;
            }

            _waiters.Remove(waiter.Node);
            return true;
        }
    }

    private async Task GiveBackAsync(PoolWaiter<TConnection> waiter)
    {
        await ((Task)waiter.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!waiter.Task.IsCompletedSuccessfully)
        {
            // The pool is disposed of.
            return;
        }

        PoolEntry<TConnection>? entry = await waiter.Task.ConfigureAwait(false);
        if (entry is null)
        {
            ReleasePlace();
        }
        else if (!TryKeep(entry))
        {
            CloseInBackground(entry);
        }
    }

    private async ValueTask<PoolEntry<TConnection>> OpenInTimeAsync(long started, CancellationToken cancellationToken)
    {
        TimeSpan left;
        try
        {
            left = Left(started);
        }
        catch
        {
            ReleasePlace();
            throw;
        }

        try
        {
            return await OpenAsync(left, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
            when (_options.RentTimeout != Timeout.InfiniteTimeSpan && _timeProvider.GetElapsedTime(started) >= _options.RentTimeout)
        {
            throw TimedOut(exception);
        }
    }

    // The place is counted already; it is free again if this throws.
    private async ValueTask<PoolEntry<TConnection>> OpenAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        TConnection? connection = null;
        long started;
        long opened;
        try
        {
            started = _timeProvider.GetTimestamp();
            connection = await Bounded.RunAsync(
                _connect, static late => late.DisposeAsync(), timeout, _timeProvider, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException("There is no connection: the function that opens it has returned null.");
            opened = _timeProvider.GetTimestamp();
        }
        catch
        {
            if (connection is null)
            {
                ReleasePlace();
            }
            else
            {
                // Not refilled at once: a clock that goes on throwing would have the pool open and close connections without a pause.
                _ = CloseAsync(connection, refills: false);
            }

            throw;
        }

        var entry = new PoolEntry<TConnection>(connection, opened);
        Record(_metrics.CreateTime, entry, started, opened);
        return entry;
    }

    private async ValueTask<bool> CheckAsync(PoolEntry<TConnection> entry, CancellationToken cancellationToken)
    {
        try
        {
            return await Bounded.RunAsync(
                token => _options.HealthCheck!(entry.Connection, token),
                static _ => ValueTask.CompletedTask,
                _options.HealthCheckTimeout,
                _timeProvider,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch
        {
            // The caller gives up, and the check was not finished.
            CloseInBackground(entry);
            throw;
        }
    }

    // Hands the connection to the caller that has waited longest, or keeps it. False if the pool is disposed of.
    private bool TryKeep(PoolEntry<TConnection> entry)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return false;
            }

            if (_waiters.First?.Value is { } waiter)
            {
                _waiters.RemoveFirst();
                waiter.TrySetResult(entry);
            }
            else
            {
                _idle.Add(entry);
            }

            return true;
        }
    }

    // Passes the right to open a connection to the caller that has waited longest, or frees it.
    private void ReleasePlace()
    {
        lock (_lock)
        {
            if (_waiters.First?.Value is { } waiter)
            {
                _waiters.RemoveFirst();
                waiter.TrySetResult(null);
            }
            else
            {
                _total--;
            }
        }
    }

    private void CloseInBackground(PoolEntry<TConnection> entry) => _ = CloseAsync(entry.Connection);

    // Never fails. The place is free when the connection is closed, or does not close in time.
    private async Task CloseAsync(TConnection connection, bool refills = true)
    {
        try
        {
            await Bounded.DisposeAsync(connection, _timeProvider).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was not to be used any more.
        }

        ReleasePlace();
        if (refills)
        {
            RefillSoon();
        }
    }

    private TimeSpan Left(long started)
    {
        if (_options.RentTimeout == Timeout.InfiniteTimeSpan)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = _options.RentTimeout - _timeProvider.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private TimeoutException TimedOut(Exception exception)
    {
        if (_metrics.Timeouts.Enabled)
        {
            _metrics.Timeouts.Add(1, _tags);
        }

        return new TimeoutException($"The pool '{_options.Name}' had no connection within {_options.RentTimeout.TotalSeconds} s.", exception);
    }
}
