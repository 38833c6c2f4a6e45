namespace Sluice.Cli.Bench.Reports;

/// <summary>The axis of a chart.</summary>
/// <param name="Marks">The values that a line marks.</param>
/// <param name="PositionOf">Where a value is, from 0 to 1.</param>
internal sealed record ChartScale(IReadOnlyList<double> Marks, Func<double, double> PositionOf)
{
    private const int MostLines = 5;

    /// <summary>Creates a scale from 0 to at least the greatest value, with marks at round numbers.</summary>
    public static ChartScale Linear(IReadOnlyList<double> values)
    {
        double most = values.Where(double.IsFinite).Append(0).Max();
        if (most <= 0)
        {
            return new ChartScale([0], _ => 0);
        }

        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(most / MostLines)));
        double step = magnitude * new[] { 1, 2, 5, 10 }.First(factor => magnitude * factor * MostLines >= most);
        int lines = (int)Math.Ceiling(most / step);
        return new ChartScale([.. Enumerable.Range(0, lines + 1).Select(line => line * step)], value => double.IsFinite(value) ? Math.Max(value, 0) / (lines * step) : 0);
    }

    /// <summary>Creates a scale of powers of ten around the values: the greatest latency may be a thousand times the least.</summary>
    public static ChartScale Logarithmic(IReadOnlyList<double> values)
    {
        double[] positive = [.. values.Where(value => double.IsFinite(value) && value > 0)];
        if (positive.Length == 0)
        {
            return new ChartScale([0], _ => 0);
        }

        // The least value has a visible bar: the axis begins below it.
        int from = (int)Math.Ceiling(Math.Log10(positive.Min())) - 1;
        int to = Math.Max((int)Math.Ceiling(Math.Log10(positive.Max())), from + 1);
        return new ChartScale(
            [.. Enumerable.Range(from, to - from + 1).Select(power => Math.Pow(10, power))],
            value => double.IsFinite(value) && value > 0 ? (Math.Log10(value) - from) / (to - from) : 0);
    }
}
