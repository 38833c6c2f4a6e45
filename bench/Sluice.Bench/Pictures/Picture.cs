using System.Globalization;
using Sluice.Bench.Report;

namespace Sluice.Bench.Pictures;

/// <summary>A picture for the documents: bars for some contenders of one scenario, with the numbers of the performance page.</summary>
internal sealed record Picture(string Name, string Scenario, string Title, IReadOnlyList<Panel> Panels)
{
    private const double Width = 640;
    private const double Margin = 20;
    private const double Left = 170;
    private const double Right = 100;
    private const double Row = 26;
    private const double Thickness = 16;
    private const double TitleHeight = 34;
    private const double PanelTitleHeight = 34;
    private const double PanelGap = 14;

    // The names that readers know, in the order of the bars.
    private static readonly (string Contender, string Label)[] s_labels =
    [
        ("sluice-epoll", "Sluice"),
        ("c-epoll", "C (epoll)"),
        ("tokio", "Rust (Tokio)"),
        ("sockets-inline", "Socket (inline)"),
        ("sockets", "Socket"),
        ("streams", "NetworkStream"),
        ("kestrel", "Kestrel"),
    ];

    public static IReadOnlyList<Picture> All { get; } =
    [
        new("echo", "raw-64", "Echo, 64 connections, 64 bytes per message", [new("messages/s", "messages/s: more is better"), new("p99 µs", "p99 latency, µs: less is better")]),
        new("echo-1", "raw-1", "Echo, 1 connection, 64 bytes per message", [new("messages/s", "messages/s: more is better"), new("p50 µs", "p50 latency, µs: less is better")]),
        new("lines", "line-64-deep-16", "Line echo, 64 connections, 16 requests in flight", [new("messages/s", "messages/s: more is better")]),
        new("large", "raw-8-64KiB", "Echo, 8 connections, 64 KiB per message", [new("messages/s", "messages/s: more is better")]),
    ];

    /// <summary>Draws the picture from the page's table.</summary>
    public string Draw(string page, Theme theme)
    {
        var table = MarkdownTable.Find(page, Scenario);
        (string Contender, string Label)[] bars = [.. s_labels.Where(label => table.HasRow(label.Contender))];
        double panelHeight = PanelTitleHeight + (bars.Length * Row) + PanelGap;
        double height = Margin + TitleHeight + (Panels.Count * panelHeight) - PanelGap + Margin;
        var svg = new Svg(Width, height, $"{Title}: {string.Join("; ", Panels.Select(panel => Describe(panel, table, bars)))}", theme.Style);
        svg.Bar(0.5, 0.5, Width - 1, height - 1, "card", "", Title);
        svg.Text(Margin, Margin + 16, Title, "title");
        double top = Margin + TitleHeight;
        foreach (Panel panel in Panels)
        {
            svg.Text(Left, top + 16, panel.Title, "panel");
            Draw(svg, panel, table, bars, top + PanelTitleHeight);
            top += panelHeight;
        }

        return svg.ToString();
    }

    private static void Draw(Svg svg, Panel panel, MarkdownTable table, (string Contender, string Label)[] bars, double top)
    {
        double most = bars.Max(bar => table.Read(bar.Contender, panel.Column).Value);
        foreach ((string contender, string label) in bars)
        {
            (string text, double value) = table.Read(contender, panel.Column);
            string kind = contender.StartsWith("sluice", StringComparison.Ordinal) ? "own" : "other";
            double length = Math.Max(value / most * (Width - Left - Right), 1);
            svg.Text(Left - 12, top + 18, label, $"name {kind}");
            svg.Bar(Left, top + ((Row - Thickness) / 2), length, Thickness, kind, "", $"{label}: {text}");
            svg.Text(Left + length + 8, top + 18, text, $"value {kind}");
            top += Row;
        }
    }

    private static string Describe(Panel panel, MarkdownTable table, (string Contender, string Label)[] bars) =>
        string.Create(CultureInfo.InvariantCulture, $"{panel.Title}, {string.Join(", ", bars.Select(bar => $"{bar.Label} {table.Read(bar.Contender, panel.Column).Text}"))}");
}
