using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Report;

/// <summary>Writes all results as a self-contained page.</summary>
internal static class ReportPage
{
    public static string Create(Settings settings, IReadOnlyList<ScenarioResult> results)
    {
        string head = $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Sluice: servers side by side</title>
            <style>
            {Style()}
            </style>
            </head>
            <body>
            <main>
            <h1>Servers side by side</h1>
            {Facts(settings)}
            <p class="command">Run it again: <code>{Svg.Escape(Machine.Command())}</code></p>
            {Navigation(results)}

            """;
        string foot = $"""
            <section>
            <h2 id="contenders">Contenders</h2>
            {Contenders(results)}
            </section>
            </main>
            </body>
            </html>

            """;
        return $"{head}{string.Concat(results.Select(ReportSection.Create))}{foot}";
    }

    private static string Facts(Settings settings)
    {
        IEnumerable<string> facts = Machine.Facts(settings).Select(fact => $"<dt>{Svg.Escape(fact.Name)}</dt><dd>{Svg.Escape(fact.Value)}</dd>");
        return $"<dl>\n{string.Join('\n', facts)}\n</dl>";
    }

    private static string Navigation(IReadOnlyList<ScenarioResult> results)
    {
        IEnumerable<string> names = results.Select(result => result.Scenario.Name).Append("contenders");
        return $"<nav>{string.Join(' ', names.Select(name => $"<a href=\"#{name}\">{name}</a>"))}</nav>";
    }

    private static string Contenders(IReadOnlyList<ScenarioResult> results)
    {
        IEnumerable<Contender> present = Contender.All.Where(
            contender => results.Any(result => result.Contenders.Any(measured => measured.Contender == contender)));
        IEnumerable<string> items = present.Select(
            contender => $"<dt style=\"{Svg.Hue(contender)}\" class=\"swatch\">{contender.Name}</dt><dd>{Svg.Escape(contender.Description)}</dd>");
        return $"<dl>\n{string.Join('\n', items)}\n</dl>";
    }

    private static string Style()
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd();
    }
}
