using System.Globalization;
using Sluice.Cli.Bench.Ramps;

namespace Sluice.Cli.Bench.Reports;

/// <summary>Writes the steps of a ramp as an HTML page.</summary>
internal static class RampReport
{
    private static readonly double[] s_percentiles = [50, 90, 99, 99.9, 100];

    public static string Of(BenchSettings settings, RampResult result, string summary)
    {
        IReadOnlyList<RampStep> steps = result.Steps;
        HtmlPage page = new HtmlPage().Add("h1", "sluice bench").Add("p", Format($"{settings}, then {settings.Ramp} a step; began {steps[0].Totals.Began:u}"), "faint");
        page.Add("p", summary);
        if (result.Last.Error is { } error)
        {
            page.Add("p", $"It ended early: {error}", "error");
        }

        page.Add("h2", "Throughput of each step, messages/s").AddChart([.. steps.Select(step => step.Totals.Rate)], Name);
        page.Add("h2", "Latency of each step, 99th percentile, µs").AddChart([.. steps.Select(step => step.Totals.Latencies.Percentile(99))], Name, isLogarithmic: true);
        page.AddTable(
            [settings.MessageRate is null ? "connections" : "per second", "messages/s", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "max µs"],
            steps.Select(step => s_percentiles.Select(percent => Format($"{step.Totals.Latencies.Percentile(percent):N1}"))
                .Prepend(Format($"{step.Totals.Rate:N0}")).Prepend(Format($"{step.Level:N0}"))));
        return page.ToString();

        string Name(int index) => Format($"{steps[index].Level:N0}");
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
