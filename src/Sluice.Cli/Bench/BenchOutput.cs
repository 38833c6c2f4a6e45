using System.Globalization;
using Sluice.Cli.Bench.Reports;
using Sluice.Cli.Output;

namespace Sluice.Cli.Bench;

/// <summary>Prints progress and results, as text or as one line of JSON.</summary>
internal sealed class BenchOutput(BenchSettings settings, ReportFile? report)
{
    private const double Mega = 1e6;
    private const double Giga = 1e9;
    private const int BitsOfByte = 8;

    private readonly List<double> _rates = [];
    private long _countBefore;
    private TimeSpan _elapsedBefore;

    /// <summary>Prints what the run does, once all connections are open.</summary>
    public void Begin()
    {
        if (!settings.Json)
        {
            WrappedText.WriteLine($"{settings}");
        }
    }

    /// <summary>Prints the rate of the last second.</summary>
    public void Tick(LoadTotals totals)
    {
        TimeSpan elapsed = totals.Running;
        long count = totals.Count;
        double rate = (count - _countBefore) / (elapsed - _elapsedBefore).TotalSeconds;
        (_countBefore, _elapsedBefore) = (count, elapsed);
        _rates.Add(rate);
        if (settings.Json)
        {
            return;
        }

        Console.WriteLine(Format($"{elapsed.TotalSeconds,5:0} s ") + (settings.IsOneWay
            ? Format($"{rate / Mega,12:N1} MB/s")
            : Format($"{rate,12:N0} messages/s")));
    }

    /// <summary>Prints the results, and then writes the report.</summary>
    /// <param name="totals">The results.</param>
    /// <param name="error">Why the run ended early; null if it did not.</param>
    public void End(LoadTotals totals, string? error = null)
    {
        if (settings.Json)
        {
            Console.WriteLine(BenchJson.Of(settings, totals, error));
        }
        else if (settings.IsOneWay)
        {
            Console.WriteLine(Format($"{totals.Count / Mega:N0} MB in {totals.Elapsed.TotalSeconds:0.00} s: {totals.Rate / Mega:N1} MB/s, {totals.Rate * BitsOfByte / Giga:0.00} Gbit/s"));
        }
        else
        {
            WrappedText.WriteLine(Format($"{totals.Count:N0} messages in {totals.Elapsed.TotalSeconds:0.00} s: {totals.Rate:N0} messages/s, ")
                + Format($"{totals.Rate * settings.Size / Mega:0.0} MB/s each way")
                + (settings.IsDatagram ? Format($", {totals.Lost:N0} lost ({100.0 * totals.Lost / Math.Max(totals.Lost + totals.Count, 1):0.##} %)") : string.Empty));
            LatencyHistogram latencies = totals.Latencies;
            WrappedText.WriteLine(Format($"latency in µs: min {latencies.Percentile(0):N1}, p50 {latencies.Percentile(50):N1}, p90 {latencies.Percentile(90):N1}, ")
                + Format($"p99 {latencies.Percentile(99):N1}, p99.9 {latencies.Percentile(99.9):N1}, max {latencies.Percentile(100):N1}"));
        }

        report?.Write(HtmlReport.Of(settings, totals, _rates, error));
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
