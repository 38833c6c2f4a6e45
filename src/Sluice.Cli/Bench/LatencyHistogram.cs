using System.Diagnostics;
using System.Numerics;

namespace Sluice.Cli.Bench;

/// <summary>
/// Records latencies in buckets that are at most 1/64 of their value wide. Several threads may record at once.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits + 1) * SubBuckets];

    public void Record(long stopwatchTicks) => Interlocked.Increment(ref _counts[IndexOf(ToNanoseconds(Math.Max(stopwatchTicks, 0)))]);

    /// <summary>Returns a percentile in microseconds; NaN if nothing was recorded.</summary>
    public double Percentile(double percent)
    {
        long total = _counts.Sum();
        long wanted = Math.Clamp((long)Math.Ceiling(total * percent / 100), 1, Math.Max(total, 1));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Round(UpperBound(i) / 1000.0, 1);
            }
        }

        return double.NaN;
    }

    private static long ToNanoseconds(long ticks) => Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * (1e9 / Stopwatch.Frequency));

    // Each value below SubBuckets has a bucket of its own; above, each power of two has SubBuckets buckets.
    private static int IndexOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * SubBuckets) + (int)(value >> shift);
    }

    private static long UpperBound(int index)
    {
        int shift = Math.Max(0, (index / SubBuckets) - 1);
        return (((long)index - (shift * SubBuckets) + 1) << shift) - 1;
    }
}
