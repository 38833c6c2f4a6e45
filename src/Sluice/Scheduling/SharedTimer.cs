namespace Sluice.Scheduling;

/// <summary>
/// A timer that many threads set. A <see cref="TimeProvider"/> may be the user's, so it is called under no lock of ours: one thread at a time
/// sets the timer to what is wanted by then, and those that come meanwhile leave word and do not wait.
/// </summary>
/// <param name="timeProvider">Whose timer it is.</param>
/// <param name="wanted">When it is to ring, and again: asked on the thread that sets it. Null for no timer.</param>
/// <param name="ring">Called when it rings.</param>
internal sealed class SharedTimer(TimeProvider timeProvider, Func<(TimeSpan Due, TimeSpan Period)?> wanted, Action ring)
{
    private ITimer? _timer;
    private int _asked;

    /// <summary>Something else may be wanted now. To be called outside the lock that guards it.</summary>
    public void Update()
    {
        if (Interlocked.Increment(ref _asked) != 1)
        {
            return;
        }

        int seen = 0;
        try
        {
            do
            {
                seen = Volatile.Read(ref _asked);
                Set(wanted());
            }
            while (Interlocked.CompareExchange(ref _asked, 0, seen) != seen);
        }
        catch
        {
            Interlocked.Exchange(ref _asked, 0);
            throw;
        }
    }

    private void Set((TimeSpan Due, TimeSpan Period)? time)
    {
        if (time is { } given)
        {
            _timer ??= Timers.Create(timeProvider, ring, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(given.Due, given.Period);
        }
        else
        {
            _timer?.Dispose();
            _timer = null;
        }
    }
}
