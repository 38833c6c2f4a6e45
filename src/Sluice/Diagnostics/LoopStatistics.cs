using System.Diagnostics;

namespace Sluice.Diagnostics;

/// <summary>What an event loop counts of itself. Whoever has the loop's role writes, anybody reads.</summary>
internal sealed class LoopStatistics(Func<long> queued, Func<bool> isInHandler)
{
    private readonly Lock _lock = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _turns;
    private long _handoffs;
    private long _slept;
    private long _asleepSince;
    private long _lookedAt = Stopwatch.GetTimestamp();
    private long _sleptThen;

    public long Turns => Volatile.Read(ref _turns);

    public long Handoffs => Volatile.Read(ref _handoffs);

    public long Queued => queued();

    public LoopActivity Activity => Volatile.Read(ref _asleepSince) != 0 ? LoopActivity.Sleeping
        : isInHandler() ? LoopActivity.InHandler
        : LoopActivity.Polling;

    /// <summary>For how long, in all, the loop has not slept.</summary>
    public TimeSpan Awake
    {
        get
        {
            long now = Stopwatch.GetTimestamp();
            long since = Volatile.Read(ref _asleepSince);
            return Stopwatch.GetElapsedTime(_began + Volatile.Read(ref _slept) + (since == 0 ? 0 : Math.Max(0, now - since)), now);
        }
    }

    public void CountTurn() => _turns++;

    public void CountHandoff() => _handoffs++;

    public void FallAsleep(long now) => Volatile.Write(ref _asleepSince, now);

    public void WakeUp(long now)
    {
        _slept += now - _asleepSince;
        Volatile.Write(ref _asleepSince, 0);
    }

    /// <summary>The share of the time since it was last asked for in which the loop did not sleep.</summary>
    public double TakeUtilization(long now)
    {
        lock (_lock)
        {
            long since = Volatile.Read(ref _asleepSince);
            long slept = Volatile.Read(ref _slept) + (since == 0 ? 0 : now - since);
            long elapsed = now - _lookedAt;
            double share = elapsed <= 0 ? 0 : 1 - ((double)(slept - _sleptThen) / elapsed);
            _lookedAt = now;
            _sleptThen = slept;
            return Math.Clamp(share, 0, 1);
        }
    }
}
