using System.Diagnostics;

namespace Sluice.Diagnostics;

/// <summary>Counts the activity of an event loop. Only the thread with the loop's role writes; any thread reads.</summary>
internal sealed class LoopStatistics(Func<long> queued, Func<bool> isInHandler)
{
    // Guards _utilizationReadAt and _sleptAtLastRead.
    private readonly Lock _lock = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _turns;
    private long _handoffs;
    private long _slept;
    private long _asleepSince;
    private long _utilizationReadAt = Stopwatch.GetTimestamp();
    private long _sleptAtLastRead;

    public long Turns => Volatile.Read(ref _turns);

    public long Handoffs => Volatile.Read(ref _handoffs);

    public long Queued => queued();

    public LoopActivity Activity => Volatile.Read(ref _asleepSince) != 0 ? LoopActivity.Sleeping
        : isInHandler() ? LoopActivity.InHandler
        : LoopActivity.Polling;

    /// <summary>Gets the total time in which the loop did not sleep.</summary>
    public TimeSpan Awake
    {
        get
        {
            long now = Stopwatch.GetTimestamp();
            return Stopwatch.GetElapsedTime(_began + SleptUntil(now), now);
        }
    }

    /// <summary>Gets the total time, in ticks of the stopwatch, in which the loop slept.</summary>
    public long SleptUntil(long now)
    {
        long since = Volatile.Read(ref _asleepSince);
        return Volatile.Read(ref _slept) + (since == 0 ? 0 : Math.Max(0, now - since));
    }

    public void CountTurn() => _turns++;

    public void CountHandoff() => _handoffs++;

    public void FallAsleep(long now) => Volatile.Write(ref _asleepSince, now);

    public void WakeUp(long now)
    {
        _slept += now - _asleepSince;
        Volatile.Write(ref _asleepSince, 0);
    }

    /// <summary>Gets the share of the time since the last call in which the loop did not sleep.</summary>
    public double TakeUtilization(long now)
    {
        lock (_lock)
        {
            long slept = SleptUntil(now);
            long elapsed = now - _utilizationReadAt;
            double share = elapsed <= 0 ? 0 : 1 - ((double)(slept - _sleptAtLastRead) / elapsed);
            _utilizationReadAt = now;
            _sleptAtLastRead = slept;
            return Math.Clamp(share, 0, 1);
        }
    }
}
