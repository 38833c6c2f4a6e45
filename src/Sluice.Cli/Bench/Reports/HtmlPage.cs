using System.Globalization;
using System.Net;
using System.Text;

namespace Sluice.Cli.Bench.Reports;

/// <summary>Builds an HTML page without scripts or links to other files.</summary>
internal sealed class HtmlPage
{
    private const int Width = 720;
    private const int Height = 240;
    private const int Left = 64;
    private const int Top = 12;
    private const int Bottom = 26;
    private const int LabelWidth = 52;

    // Chart colours that have contrast on white and on near-black.
    private const string Style =
        """
        :root{color-scheme:light dark;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;--page:#fff;--bar:#1f6feb;--error:#b3261e}
        @media(prefers-color-scheme:dark){:root{--text:#e6edf3;--faint:#9198a1;--line:#30363d;--page:#0d1117;--bar:#4493f8;--error:#ff7b72}}
        body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:var(--text);background:var(--page)}
        h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.1em;margin-top:1.8em}.faint{color:var(--faint)}.error{color:var(--error)}
        table{border-collapse:collapse;margin-top:1.5em;font-variant-numeric:tabular-nums}td,th{text-align:right;padding:.2em 1.2em .2em 0;border-bottom:1px solid var(--line)}
        svg{max-width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:var(--faint)}line{stroke:var(--line)}rect{fill:var(--bar)}
        """;

    private readonly StringBuilder _text = new($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>sluice bench</title><style>\n{Style}\n</style></head><body>\n");

    /// <summary>Adds text that is not HTML.</summary>
    /// <param name="element">The element around it.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">The class of the element.</param>
    public HtmlPage Add(string element, string text, string style = "")
    {
        _text.Append($"<{element}{(style.Length > 0 ? $" class=\"{style}\"" : "")}>").Append(WebUtility.HtmlEncode(text)).Append($"</{element}>\n");
        return this;
    }

    /// <summary>Adds a table of text.</summary>
    public HtmlPage AddTable(IEnumerable<string> header, IEnumerable<IEnumerable<string>> rows)
    {
        _text.Append("<table>\n");
        AddRow("th", header);
        foreach (IEnumerable<string> row in rows)
        {
            AddRow("td", row);
        }

        _text.Append("</table>\n");
        return this;
    }

    /// <summary>Adds a chart with a bar for each value.</summary>
    public HtmlPage AddChart(IReadOnlyList<double> values, Func<int, string> label, bool isLogarithmic = false)
    {
        ChartScale scale = isLogarithmic ? ChartScale.Logarithmic(values) : ChartScale.Linear(values);
        double step = (double)(Width - Left) / Math.Max(values.Count, 1);
        _text.Append(Format($"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\">\n"));
        foreach (double mark in scale.Marks)
        {
            double y = At(scale.PositionOf(mark));
            _text.Append(Format($"<line x1=\"{Left}\" x2=\"{Width}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/><text x=\"{Left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{mark:#,0.#}</text>\n"));
        }

        int every = (int)Math.Ceiling(LabelWidth / step);
        for (int i = 0; i < values.Count; i++)
        {
            double x = Left + (i * step);
            double y = At(scale.PositionOf(values[i]));
            double width = Math.Clamp(step * 0.8, 1, 80);
            _text.Append(Format($"<rect x=\"{x + ((step - width) / 2):0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{At(0) - y:0.#}\"><title>{label(i)}: {values[i]:N1}</title></rect>\n"));
            if (i % every == 0)
            {
                _text.Append(Format($"<text x=\"{x + (step / 2):0.#}\" y=\"{Height - 8}\" text-anchor=\"middle\">{label(i)}</text>\n"));
            }
        }

        _text.Append("</svg>\n");
        return this;
    }

    public override string ToString() => $"{_text}</body></html>\n";

    private static double At(double position) => Height - Bottom - (position * (Height - Bottom - Top));

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void AddRow(string element, IEnumerable<string> cells) =>
        _text.Append("<tr>").AppendJoin(string.Empty, cells.Select(cell => $"<{element}>{WebUtility.HtmlEncode(cell)}</{element}>")).Append("</tr>\n");
}
