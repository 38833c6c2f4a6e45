namespace Sluice.Scheduling;

/// <summary>
/// Ends waits that have lasted too long, with one coarse timer for all of them: a wait costs nothing until the sweep passes by.
/// A timeout counts from the first sweep that saw the wait, so it fires late by up to a quarter of itself and never early.
/// </summary>
internal sealed class InactivitySweep(TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<Gate> _gates = [];
    private readonly List<Gate> _passing = [];
    private ITimer? _timer;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private int _sweeping;
    private bool _disposed;

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

    public long ToTicks(TimeSpan timeout) => (long)(timeout.TotalSeconds * timeProvider.TimestampFrequency);

    public void Add(Gate gate, TimeSpan timeout)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _gates.Add(gate);
            TimeSpan period = TimeSpan.FromTicks(Math.Clamp(timeout.Ticks / 8, s_shortestPeriod.Ticks, s_longestPeriod.Ticks));
            if (_timer is null || period < _period)
            {
                _period = period;
                _timer ??= CreateTimer();
                _timer.Change(period, period);
            }
        }
    }

    public void Remove(Gate gate)
    {
        lock (_lock)
        {
            if (_gates.Remove(gate) && _gates.Count == 0)
            {
                StopTimer();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _gates.Clear();
            StopTimer();
        }
    }

    private void StopTimer()
    {
        _timer?.Dispose();
        _timer = null;
    }

    private ITimer CreateTimer()
    {
        bool restore = !ExecutionContext.IsFlowSuppressed();
        if (restore)
        {
            ExecutionContext.SuppressFlow();
        }

        try
        {
            return timeProvider.CreateTimer(static sweep => ((InactivitySweep)sweep!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            if (restore)
            {
                ExecutionContext.RestoreFlow();
            }
        }
    }

    private void Sweep()
    {
        // A timer may call again while its last call still runs.
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
        {
            return;
        }

        long now = timeProvider.GetTimestamp();
        lock (_lock)
        {
            _passing.AddRange(_gates);
        }

        foreach (Gate gate in _passing)
        {
            gate.CheckTimeout(now);
        }

        _passing.Clear();
        Volatile.Write(ref _sweeping, 0);
    }
}
