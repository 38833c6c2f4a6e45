using System.Diagnostics;

namespace Sluice.Faults.Kit;

/// <summary>Collects how long things took.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private List<long> _ticks = [];

    /// <summary>Notes what has taken from a timestamp until now.</summary>
    public void Add(long since)
    {
        long ticks = Stopwatch.GetTimestamp() - since;
        lock (_lock)
        {
            _ticks.Add(ticks);
        }
    }

    /// <summary>Returns how many there were since the last call, and the times that half of them and 99 of 100 did not exceed.</summary>
    public (int Count, TimeSpan Median, TimeSpan Percentile99) Take()
    {
        List<long> ticks;
        lock (_lock)
        {
            (ticks, _ticks) = (_ticks, []);
        }

        ticks.Sort();
        return ticks.Count == 0 ? default : (ticks.Count, At(ticks, 0.5), At(ticks, 0.99));
    }

    private static TimeSpan At(List<long> sorted, double share) => Stopwatch.GetElapsedTime(0, sorted[Math.Min((int)(sorted.Count * share), sorted.Count - 1)]);
}
