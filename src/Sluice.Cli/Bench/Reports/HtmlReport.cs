using System.Globalization;

namespace Sluice.Cli.Bench.Reports;

/// <summary>Writes the results as an HTML page: a chart of each second, and one of the latencies.</summary>
internal static class HtmlReport
{
    private static readonly double[] s_percentiles = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100];

    public static string Of(BenchSettings settings, LoadTotals totals, IReadOnlyList<double> rates, string? error)
    {
        string unit = settings.IsOneWay ? "MB/s" : "messages/s";
        double divisor = settings.IsOneWay ? 1e6 : 1;
        HtmlPage page = new HtmlPage().Add("h1", "sluice bench").Add("p", Format($"{settings}; began {totals.Began:u}"), "faint");
        if (error is not null)
        {
            page.Add("p", $"It ended early: {error}", "error");
        }

        page.Add("p", Format($"{totals.Rate / divisor:N0} {unit}, {totals.Count / divisor:N0} in {totals.Elapsed.TotalSeconds:0.00} s") + (totals.Lost > 0 ? Format($", {totals.Lost:N0} lost") : string.Empty));
        page.Add("h2", $"Throughput, {unit}").AddChart([.. rates.Select(rate => rate / divisor)], index => Format($"{index + 1} s"));
        if (!settings.IsOneWay)
        {
            double[] latencies = [.. s_percentiles.Select(totals.Latencies.Percentile)];
            page.Add("h2", "Latency, µs").AddChart(latencies, NameOf, isLogarithmic: true);
            page.AddTable(["percentile", "µs"], latencies.Select((latency, index) => new[] { NameOf(index), Format($"{latency:N1}") }));
        }

        return page.ToString();
    }

    private static string NameOf(int index) => s_percentiles[index] switch
    {
        0 => "min",
        100 => "max",
        double percent => Format($"p{percent}"),
    };

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
