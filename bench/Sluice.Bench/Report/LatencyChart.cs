using System.Globalization;
using Sluice.Bench.Results;

namespace Sluice.Bench.Report;

/// <summary>Draws the latency at each percentile. Both axes are logarithmic, because servers differ most in the tail.</summary>
internal static class LatencyChart
{
    private const double Width = 900;
    private const double Height = 380;
    private const double Left = 64;
    private const double Right = 140;
    private const double Top = 12;
    private const double Bottom = 34;
    private const double LabelHeight = 14;

    // 100 percent would be infinitely far to the right.
    private static readonly double[] s_percents = [50, 75, 90, 99, 99.9, 99.99];
    private static readonly LogScale s_across = new(0.01, 50, Width - Right, Left);

    /// <summary>Draws the chart; returns an empty string if no latencies were measured.</summary>
    public static string Draw(ScenarioResult result)
    {
        var curves = result.Contenders.ToDictionary(it => it, it => it.Latencies.Where(IsShown).ToArray());
        double[] all = [.. curves.Values.SelectMany(points => points).Select(point => point.Microseconds).Where(value => value > 0)];
        if (all.Length == 0)
        {
            return string.Empty;
        }

        var up = new LogScale(all.Min(), all.Max(), Height - Bottom, Top);
        var svg = new Svg(Width, Height, $"latency percentiles of each contender in {result.Scenario.Name}");
        DrawAxes(svg, up);
        Draw(svg, curves, up);
        return svg.ToString();
    }

    private static void DrawAxes(Svg svg, LogScale up)
    {
        foreach (double tick in up.Ticks)
        {
            svg.Line(Left, up.At(tick), Width - Right, up.At(tick), "grid");
            svg.Text(Left - 8, up.At(tick) + 4, Duration(tick), "name");
        }

        foreach (double percent in s_percents)
        {
            svg.Line(Across(percent), Top, Across(percent), Height - Bottom, "grid");
            svg.Text(Across(percent), Height - Bottom + 20, string.Create(CultureInfo.InvariantCulture, $"{percent} %"), "tick");
        }
    }

    private static void Draw(Svg svg, Dictionary<ContenderResult, LatencyPoint[]> curves, LogScale up)
    {
        foreach ((ContenderResult result, LatencyPoint[] points) in curves)
        {
            svg.Curve(
                points.Where(point => point.Microseconds > 0).Select(point => (Across(point.Percent), up.At(point.Microseconds))),
                $"curve {Svg.Class(result.Contender)}",
                Svg.Hue(result.Contender),
                string.Create(CultureInfo.InvariantCulture, $"{result.Contender.Name}: p50 {result.Latency(50):N0} µs, p99 {result.Latency(99):N0} µs"));
        }

        ContenderResult[] labelled = [.. curves.Where(curve => curve.Value.Length > 0).Select(curve => curve.Key).OrderBy(it => End(curves[it], up))];
        double[] places = Labels.Spread([.. labelled.Select(it => End(curves[it], up))], LabelHeight, Top, Height - Bottom);
        foreach ((ContenderResult result, double place) in labelled.Zip(places))
        {
            string hue = Svg.Hue(result.Contender);
            svg.Line(Width - Right + 1, End(curves[result], up), Width - Right + 12, place, $"leader {Svg.Class(result.Contender)}", hue);
            svg.Text(Width - Right + 15, place + 4, result.Contender.Name, $"label {Svg.Class(result.Contender)}", hue);
        }
    }

    private static bool IsShown(LatencyPoint point) => point.Percent >= s_percents[0] && point.Percent <= s_percents[^1];

    private static double End(LatencyPoint[] points, LogScale up) => up.At(Math.Max(points[^1].Microseconds, 0.1));

    // By the distance to 100 percent: 10, 1, 0.1 percent.
    private static double Across(double percent) => s_across.At(100 - percent);

    private static string Duration(double microseconds) => microseconds switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1e6:0.###} s"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1e3:0.###} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.###} µs"),
    };
}
