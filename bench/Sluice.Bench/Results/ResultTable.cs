using System.Globalization;

namespace Sluice.Bench.Results;

/// <summary>The results of a scenario as a table: a header, and a row for each contender that begins with its name.</summary>
internal sealed class ResultTable
{
    private ResultTable(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        Header = header;
        Rows = rows;
    }

    public IReadOnlyList<string> Header { get; }

    public IReadOnlyList<IReadOnlyList<string>> Rows { get; }

    /// <summary>Creates the table without empty columns.</summary>
    public static ResultTable Of(ScenarioResult result)
    {
        Scenario scenario = result.Scenario;
        string[] header =
        [
            "", scenario.Unit, "min – max", $"of {result.Reference?.Contender.Name}", "alone", "of alone",
            "p50 µs", "p99 µs", "p99.9 µs", $"CPU s/{scenario.CostUnit}", scenario.Kind == ScenarioKind.Connect ? "B/connection" : "B/message",
        ];
        string[][] rows = [.. result.Contenders.Select(contender => Row(contender, result.Reference!))];
        int[] columns = [.. Enumerable.Range(0, header.Length).Where(column => rows.Any(row => row[column].Length > 0))];
        return new ResultTable([.. columns.Select(column => header[column])], [.. rows.Select(row => columns.Select(column => row[column]).ToArray())]);
    }

    public void Print(TextWriter output)
    {
        int[] widths = [.. Header.Select((cell, column) => Rows.Select(row => row[column].Length).Append(cell.Length).Max())];
        foreach (IReadOnlyList<string> row in Rows.Prepend(Header))
        {
            IEnumerable<string> cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]));
            output.WriteLine($"  {string.Join("  ", cells)}".TrimEnd());
        }
    }

    private static string[] Row(ContenderResult result, ContenderResult reference) =>
    [
        result.Contender.Name,
        Format(result.Median, "N0"),
        $"{Format(result.Min, "N0")} – {Format(result.Max, "N0")}",
        Format(result.RatioTo(reference), "0.00"),
        Format(result.Alone, "N0"),
        Format(result.RatioToAlone, "0.00"),
        Format(result.Latency(50), "N1"),
        Format(result.Latency(99), "N1"),
        Format(result.Latency(99.9), "N1"),
        Format(result.CpuSeconds, "0.00"),
        Format(result.AllocatedPerMessage, "N0"),
    ];

    private static string Format(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);
}
