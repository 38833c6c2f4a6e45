using System.Runtime.ExceptionServices;

namespace Sluice.Scheduling;

/// <summary>
/// A timer that many threads set. A <see cref="TimeProvider"/> may be the user's, so it is called under no lock of ours: one thread at a time
/// sets the timer, to the newest schedule. A thread that calls <see cref="Update"/> in between posts a request to it and does not wait.
/// If the provider throws, it is asked again after a pause of the system's time: the owner of the schedule waits for a timer that has to come.
/// </summary>
/// <param name="timeProvider">The source of the timer.</param>
/// <param name="getSchedule">Returns when the timer is to fire, and its period; null for no timer. Called on the thread that sets the timer.</param>
/// <param name="onTimer">Called when the timer fires.</param>
internal sealed class SharedTimer(TimeProvider timeProvider, Func<(TimeSpan Due, TimeSpan Period)?> getSchedule, Action onTimer)
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    // Of the thread that has raised _requests from 0, until it sets it back to 0.
    private ITimer? _timer;
    private int _requests;

    // 1 while a task waits until it asks the provider again.
    private int _isWaiting;

    /// <summary>Gets the schedule of a timer that is to fire once, at a timestamp of its provider; never for <see cref="long.MaxValue"/>.</summary>
    public static (TimeSpan Due, TimeSpan Period) OnceAt(long timestamp, TimeProvider timeProvider)
    {
        if (timestamp == long.MaxValue)
        {
            return (Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        long ticks = Math.Max(timestamp - timeProvider.GetTimestamp(), 0);
        return (TimeSpan.FromMilliseconds(Math.Ceiling(ticks * 1000.0 / timeProvider.TimestampFrequency)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets the timer anew, because the schedule may have changed. To be called outside the lock that guards the schedule.</summary>
    public void Update()
    {
        if (TryUpdate() is { } failure)
        {
            UpdateLater();
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Sets the timer anew, as <see cref="Update"/> does. Does not throw: if the provider does, the timer is set later.</summary>
    public void UpdateOrLater()
    {
        if (TryUpdate() is not null)
        {
            UpdateLater();
        }
    }

    /// <summary>Sets the timer anew after a pause of the system's time, because the provider has thrown when the timer fired.</summary>
    public void UpdateLater()
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) == 0)
        {
            _ = UpdateAfterPausesAsync();
        }
    }

    private async Task UpdateAfterPausesAsync()
    {
        var pauses = new Backoff(s_shortestPause, s_longestPause);
        do
        {
            await CancellableWaits.DelayAsync(pauses.Next(), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);

            // Before the try: another thread whose try fails after this one has succeeded has to wait itself.
            Volatile.Write(ref _isWaiting, 0);
        }
        while (TryUpdate() is not null && Interlocked.Exchange(ref _isWaiting, 1) == 0);
    }

    // Returns what the provider has thrown; null if it has not.
    private Exception? TryUpdate()
    {
        if (Interlocked.Increment(ref _requests) != 1)
        {
            return null;
        }

        int seen = 0;
        try
        {
            do
            {
                seen = Volatile.Read(ref _requests);
                Set(getSchedule());
            }
            while (Interlocked.CompareExchange(ref _requests, 0, seen) != seen);
            return null;
        }
        catch (Exception exception)
        {
            Interlocked.Exchange(ref _requests, 0);
            return exception;
        }
    }

    private void Set((TimeSpan Due, TimeSpan Period)? time)
    {
        if (time is { } given)
        {
            _timer ??= Timers.Create(timeProvider, onTimer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(given.Due, given.Period);
        }
        else
        {
            ITimer? timer = _timer;
            _timer = null;
            timer?.Dispose();
        }
    }
}
