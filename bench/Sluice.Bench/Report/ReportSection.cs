using Sluice.Bench.Results;

namespace Sluice.Bench.Report;

/// <summary>The section of a scenario: bars, curves, the table, and the contenders that were skipped.</summary>
internal static class ReportSection
{
    public static string Create(ScenarioResult result)
    {
        Scenario scenario = result.Scenario;
        List<string> parts = [$"<section>\n<h2 id=\"{scenario.Name}\">{scenario.Name}</h2>\n<p>{Svg.Escape(scenario.Title)}</p>\n"];
        if (result.Reference is { } reference)
        {
            string better = scenario.Kind == ScenarioKind.Idle ? "less is better" : "more is better";
            string alone = scenario.Kind == ScenarioKind.SlowNeighbour ? "; dashed: without the slow neighbor" : "";
            parts.Add($"<h3>{scenario.Unit}: median, and × {reference.Contender.Name}; {better}{alone}</h3>\n");
            parts.Add($"<div class=\"chart\">{BarChart.Draw(result)}</div>\n");
            if (LatencyChart.Draw(result) is { Length: > 0 } curves)
            {
                parts.Add($"<h3>latency at each percentile; less is better</h3>\n<div class=\"chart\">{curves}</div>\n");
            }

            parts.Add(Table(ResultTable.Of(result)));
        }

        foreach (string line in Skip.Lines(result.Skipped))
        {
            parts.Add($"<p class=\"skip\">{Svg.Escape(line)}</p>\n");
        }

        return string.Concat(parts.Append("</section>\n"));
    }

    private static string Table(ResultTable table)
    {
        string header = string.Concat(table.Header.Select(cell => $"<th>{Svg.Escape(cell)}</th>"));
        IEnumerable<string> rows = table.Rows.Select(
            row => $"<tr><th>{Svg.Escape(row[0])}</th>{string.Concat(row.Skip(1).Select(cell => $"<td>{Svg.Escape(cell)}</td>"))}</tr>");
        string body = $"<table>\n<tr>{header}</tr>\n{string.Join('\n', rows)}\n</table>";
        return $"<details open><summary>Numbers</summary><div class=\"chart\">{body}</div></details>\n";
    }
}
