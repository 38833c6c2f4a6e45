namespace Sluice.Scheduling;

/// <summary>
/// Ends waits that have lasted too long, with one coarse timer for all of them: a wait costs nothing until a sweep checks it. A timeout counts
/// from the first sweep that saw the wait, so it is never early, and late by up to a quarter of itself.
/// </summary>
internal sealed class InactivitySweep : IDisposable
{
    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Under _lock, with _period and _disposed. A set, and no links in each event: most events have no timeout.
    private readonly HashSet<ReadinessEvent> _events = [];

    // Of the thread that sweeps, which is the one that has set _sweeping.
    private readonly List<ReadinessEvent> _batch = [];
    private readonly TimeProvider _timeProvider;
    private readonly SharedTimer _timer;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private int _sweeping;
    private bool _disposed;

    public InactivitySweep(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _timer = new SharedTimer(timeProvider, GetSchedule, Sweep);
    }

    /// <summary>Gets the number of events that have a timeout.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _events.Count;
            }
        }
    }

    public long ToTicks(TimeSpan timeout) => (long)(timeout.TotalSeconds * _timeProvider.TimestampFrequency);

    public void Add(ReadinessEvent readiness, TimeSpan timeout)
    {
        bool changed;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            bool isFirst = _events.Count == 0;
            _events.Add(readiness);
            TimeSpan period = TimeSpan.FromTicks(Math.Clamp(timeout.Ticks / 8, s_shortestPeriod.Ticks, s_longestPeriod.Ticks));
            changed = isFirst || period < _period;
            _period = changed ? period : _period;
        }

        if (changed)
        {
            _timer.Update();
        }
    }

    public void Remove(ReadinessEvent readiness)
    {
        bool wasLast;
        lock (_lock)
        {
            wasLast = _events.Remove(readiness) && _events.Count == 0;
        }

        if (wasLast)
        {
            _timer.Update();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _events.Clear();
        }

        _timer.Update();
    }

    private (TimeSpan Due, TimeSpan Period)? GetSchedule()
    {
        lock (_lock)
        {
            return _events.Count == 0 ? null : (_period, _period);
        }
    }

    private void Sweep()
    {
        // A timer may fire again while its last callback still runs.
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
        {
            return;
        }

        try
        {
            // On the timer's thread, where an exception may end the process. The timer fires again, and the next sweep asks again.
            if (!_timeProvider.TryGetTimestamp(out long now))
            {
                return;
            }

            lock (_lock)
            {
                _batch.AddRange(_events);
            }

            foreach (ReadinessEvent readiness in _batch)
            {
                readiness.CheckTimeout(now);
            }
        }
        finally
        {
            _batch.Clear();
            Volatile.Write(ref _sweeping, 0);
        }
    }
}
