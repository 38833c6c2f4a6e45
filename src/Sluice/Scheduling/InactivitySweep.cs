namespace Sluice.Scheduling;

/// <summary>
/// Ends waits that have lasted too long, with one coarse timer for all of them: a wait costs nothing until the sweep passes by.
/// A timeout counts from the first sweep that saw the wait, so it fires late by up to a quarter of itself and never early.
/// </summary>
internal sealed class InactivitySweep : IDisposable
{
    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<ReadinessEvent> _gates = [];
    private readonly List<ReadinessEvent> _passing = [];
    private readonly TimeProvider _timeProvider;
    private readonly SharedTimer _timer;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private int _sweeping;
    private bool _disposed;

    public InactivitySweep(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _timer = new SharedTimer(timeProvider, Wanted, Sweep);
    }

    /// <summary>How many gates it looks at.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _gates.Count;
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

            bool isFirst = _gates.Count == 0;
            _gates.Add(readiness);
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
            wasLast = _gates.Remove(readiness) && _gates.Count == 0;
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
            _gates.Clear();
        }

        _timer.Update();
    }

    private (TimeSpan Due, TimeSpan Period)? Wanted()
    {
        lock (_lock)
        {
            return _gates.Count == 0 ? null : (_period, _period);
        }
    }

    private void Sweep()
    {
        // A timer may call again while its last call still runs.
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
        {
            return;
        }

        long now = _timeProvider.GetTimestamp();
        lock (_lock)
        {
            _passing.AddRange(_gates);
        }

        foreach (ReadinessEvent readiness in _passing)
        {
            readiness.CheckTimeout(now);
        }

        _passing.Clear();
        Volatile.Write(ref _sweeping, 0);
    }
}
