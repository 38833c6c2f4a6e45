using System.Globalization;
using System.Net;
using System.Text;
using Sluice.Bench.Contenders;

namespace Sluice.Bench.Report;

/// <summary>Draws the parts of charts. A style sheet sets their colors, by class and by the contender's hue.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _text = new();

    public Svg(double width, double height, string label) =>
        Add($"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Escape(label)}\">");

    /// <summary>Begins a file of its own, with its own style sheet.</summary>
    public Svg(double width, double height, string label, string style)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Escape(label)}\">");
        Add($"<style>\n{style}\n</style>");
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    public static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Returns a hue. Neighbors in the list are far apart on the color wheel.</summary>
    public static string Hue(Contender contender)
    {
        const double goldenAngle = 137.5;
        const double blue = 212;
        int index = Contender.All.TakeWhile(other => other != contender).Count();
        return string.Create(CultureInfo.InvariantCulture, $"--h:{(blue + (index * goldenAngle)) % 360:0}");
    }

    public static string Class(Contender contender) => contender.Name.StartsWith("sluice", StringComparison.Ordinal) ? "own" : "other";

    public void Line(double x1, double y1, double x2, double y2, string kind, string style = "") =>
        Add($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"{kind}\" style=\"{style}\"/>");

    public void Text(double x, double y, string text, string kind, string style = "") =>
        Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" class=\"{kind}\" style=\"{style}\">{Escape(text)}</text>");

    public void Bar(double x, double y, double width, double height, string kind, string style, string title)
    {
        Add($"<rect x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" rx=\"2\" class=\"{kind}\" style=\"{style}\">");
        Add($"<title>{Escape(title)}</title></rect>");
    }

    public void Curve(IEnumerable<(double X, double Y)> points, string kind, string style, string title)
    {
        string all = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.#},{point.Y:0.#}")));
        Add($"<polyline points=\"{all}\" class=\"{kind}\" style=\"{style}\"><title>{Escape(title)}</title></polyline>");
    }

    public override string ToString() => $"{_text}</svg>\n";

    private void Add(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
