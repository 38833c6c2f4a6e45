namespace Sluice.Bench.Pictures;

/// <summary>The colors of a picture. A picture that a page shows as an image cannot take them from the page.</summary>
internal sealed record Theme(string Name, string Card, string Edge, string Text, string Quiet, string Own, string Other)
{
    public static IReadOnlyList<Theme> All { get; } =
    [
        new("light", "#ffffff", "#d1d9e0", "#1f2328", "#59636e", "#0969da", "#afb8c1"),
        new("dark", "#0d1117", "#3d444d", "#f0f6fc", "#9198a1", "#4493f8", "#57606a"),
    ];

    public string Style => $$"""
        svg { font: 15px system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
        text { fill: {{Text}}; }
        .card { fill: {{Card}}; stroke: {{Edge}}; }
        .title { font-size: 17px; font-weight: 600; }
        .panel { fill: {{Quiet}}; }
        .name { text-anchor: end; }
        .value { font-variant-numeric: tabular-nums; }
        text.own { font-weight: 600; }
        rect.own { fill: {{Own}}; }
        rect.other { fill: {{Other}}; }
        """;
}
