namespace Sluice.Bench.Results;

internal static class Statistics
{
    /// <summary>Returns the median, ignoring NaN.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(value => !double.IsNaN(value)).Order()];
        return sorted.Length switch
        {
            0 => double.NaN,
            int count when count % 2 == 0 => (sorted[(count / 2) - 1] + sorted[count / 2]) / 2,
            int count => sorted[count / 2],
        };
    }
}
