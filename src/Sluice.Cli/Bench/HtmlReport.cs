using System.Globalization;
using System.Net;
using System.Text;

namespace Sluice.Cli.Bench;

/// <summary>Writes the results as an HTML page without scripts or links to other files: a chart of each second, and one of the latencies.</summary>
internal static class HtmlReport
{
    private const int Width = 720;
    private const int Height = 220;

    private static readonly double[] s_percentiles = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100];

    public static string Of(BenchSettings settings, LoadTotals totals, IReadOnlyList<double> rates, string? error)
    {
        string unit = settings.IsOneWay ? "bytes/s" : "messages/s";
        var text = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>sluice bench</title><style>\n");
        text.Append("body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:#222;background:#fff}\n");
        text.Append("td,th{text-align:right;padding:.1em 1em .1em 0}svg{background:#f6f8fa}text{font:11px sans-serif;fill:#555}.error{color:#b00}\n");
        text.Append("@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}svg{background:#1c1f24}text{fill:#aaa}}</style></head><body>\n");
        text.Append(Format($"<h1>sluice bench</h1><p>{WebUtility.HtmlEncode(settings.ToString())}; began {totals.Began:u}</p>\n"));
        text.Append(error is null ? string.Empty : $"<p class=\"error\">It ended early: {WebUtility.HtmlEncode(error)}</p>\n");
        text.Append(Format($"<p><b>{totals.Rate:N0}</b> {unit}, {totals.Count:N0} in {totals.Elapsed.TotalSeconds:0.00} s"));
        text.Append(totals.Lost > 0 ? Format($", {totals.Lost:N0} lost") : string.Empty).Append("</p>\n");
        text.Append(CultureInfo.InvariantCulture, $"<h2>Throughput, {unit}</h2>\n").Append(Chart(rates, index => Format($"{index + 1} s")));
        if (!settings.IsOneWay)
        {
            double[] latencies = [.. s_percentiles.Select(totals.Latencies.Percentile)];
            text.Append("<h2>Latency, µs</h2>\n").Append(Chart(latencies, index => Format($"p{s_percentiles[index]}")));
            text.Append("<table><tr><th>percentile<th>µs</tr>\n");
            text.Append(string.Concat(s_percentiles.Zip(latencies, (percent, latency) => Format($"<tr><td>{percent}<td>{latency:N1}</tr>\n")))).Append("</table>\n");
        }

        return text.Append("</body></html>\n").ToString();
    }

    private static string Chart(IReadOnlyList<double> values, Func<int, string> label)
    {
        double most = values.Where(double.IsFinite).Append(0).Max();
        double step = (double)(Width - 60) / Math.Max(values.Count, 1);
        var text = new StringBuilder(Format($"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\">"));
        text.Append(Format($"<text x=\"4\" y=\"14\">{most:N0}</text>"));
        for (int i = 0; i < values.Count; i++)
        {
            double height = most > 0 && double.IsFinite(values[i]) ? values[i] / most * (Height - 40) : 0;
            double x = 50 + (i * step);
            text.Append(Format($"<rect x=\"{x:0.#}\" y=\"{Height - 20 - height:0.#}\" width=\"{Math.Max(step - 2, 1):0.#}\" height=\"{height:0.#}\" fill=\"#2f81f7\">"));
            text.Append(Format($"<title>{label(i)}: {values[i]:N1}</title></rect>"));
            if (step > 30 || i % (int)Math.Ceiling(30 / step) == 0)
            {
                text.Append(Format($"<text x=\"{x:0.#}\" y=\"{Height - 6}\">{label(i)}</text>"));
            }
        }

        return text.Append("</svg>\n").ToString();
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
