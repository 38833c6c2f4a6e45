using System.Globalization;

namespace Sluice.Bench.Results;

/// <summary>A scenario's results as plain text.</summary>
internal static class ResultTable
{
    public static void Print(ScenarioResult result, TextWriter output)
    {
        string[] header = ["", result.Scenario.Unit, "(min – max)", $"of {result.Reference?.Contender.Name}", "p50 µs", "p99 µs", "CPU s/million"];
        List<string[]> rows = [header, .. result.Contenders.Select(contender => Row(contender, result.Reference!))];
        int[] widths = [.. header.Select((_, column) => rows.Max(row => row[column].Length))];
        int[] columns = [.. Enumerable.Range(0, header.Length).Where(column => rows.Skip(1).Any(row => row[column].Length > 0))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = columns.Select(column => column == 0 ? row[0].PadRight(widths[0]) : row[column].PadLeft(widths[column]));
            output.WriteLine($"  {string.Join("  ", cells)}".TrimEnd());
        }

        foreach (Skip skip in result.Skipped)
        {
            output.WriteLine($"  {skip.Name} skipped: {skip.Reason}");
        }
    }

    private static string[] Row(ContenderResult result, ContenderResult reference) =>
    [
        result.Contender.Name,
        Format(result.Median, "N0"),
        $"({Format(result.Min, "N0")} – {Format(result.Max, "N0")})",
        Format(result.RatioTo(reference), "0.00"),
        Format(result.Latency(50), "N1"),
        Format(result.Latency(99), "N1"),
        Format(result.CpuSecondsPerMillion, "0.00"),
    ];

    private static string Format(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);
}
