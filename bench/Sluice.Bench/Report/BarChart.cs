using Sluice.Bench.Results;

namespace Sluice.Bench.Report;

/// <summary>Draws the medians as bars, with a line from minimum to maximum.</summary>
internal static class BarChart
{
    private const double Width = 900;
    private const double Left = 140;
    private const double Right = 160;
    private const double Row = 24;
    private const double Thickness = 15;

    public static string Draw(ScenarioResult result)
    {
        double most = result.Contenders.Max(contender => double.MaxNumber(contender.Max, contender.Alone));
        double scale = most > 0 ? (Width - Left - Right) / most : 0;
        var svg = new Svg(Width, result.Contenders.Count * Row, $"{result.Scenario.Unit} of each contender in {result.Scenario.Name}");
        double top = 0;
        foreach (ContenderResult contender in result.Contenders)
        {
            Draw(svg, contender, result, top, scale);
            top += Row;
        }

        return svg.ToString();
    }

    private static void Draw(Svg svg, ContenderResult contender, ScenarioResult result, double top, double scale)
    {
        double middle = top + (Row / 2);
        double baseline = middle + 4;
        double end = Left + (double.MaxNumber(contender.Max, contender.Alone) * scale);
        string spread = $"{Svg.Number(contender.Min)} to {Svg.Number(contender.Max)} {result.Scenario.Unit}";
        svg.Text(Left - 10, baseline, contender.Contender.Name, $"name {Svg.Class(contender.Contender)}");
        if (!double.IsNaN(contender.Alone))
        {
            string alone = $"{contender.Contender.Name}, alone: {Svg.Number(contender.Alone)} {result.Scenario.Unit}";
            svg.Bar(Left, middle - (Thickness / 2), contender.Alone * scale, Thickness, "alone", Svg.Hue(contender.Contender), alone);
        }

        svg.Bar(
            Left,
            middle - (Thickness / 2),
            Math.Max(contender.Median * scale, 1),
            Thickness,
            $"bar {Svg.Class(contender.Contender)}",
            Svg.Hue(contender.Contender),
            $"{contender.Contender.Name}: {contender.Contender.Description}; {spread}");
        svg.Line(Left + (contender.Min * scale), middle, Left + (contender.Max * scale), middle, "spread");
        svg.Text(end + 10, baseline, FormattableString.Invariant($"{contender.Median:N0}  ×{contender.RatioTo(result.Reference!):0.00}"), "value");
    }
}
