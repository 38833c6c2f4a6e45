using System.Diagnostics;
using System.Numerics;

namespace Sluice.Cli.Bench;

/// <summary>
/// How long messages took: buckets that are at most 1/64 of their value wide. Several threads may record at once.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits + 1) * SubBuckets];

    public void Record(long stopwatchTicks) => Interlocked.Increment(ref _counts[IndexOf(ToNanoseconds(Math.Max(stopwatchTicks, 0)))]);

    /// <summary>The microseconds that so many percent of the messages took at most; not a number if there are none.</summary>
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

    // Values below SubBuckets have a bucket each; from there on each power of two has SubBuckets.
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
