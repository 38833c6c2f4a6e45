using System.Globalization;
using Sluice.Bench.Report;
using Sluice.Bench.Results;
using Sluice.Bench.Running;

namespace Sluice.Bench;

/// <summary>Runs the scenarios, prints the result of each, and writes the report.</summary>
internal static class Comparison
{
    public static int Run(Settings settings)
    {
        foreach ((string name, string value) in Machine.Facts(settings))
        {
            Console.WriteLine($"{name + ":",-14}{value}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"takes:",-14}about {Estimate(settings).TotalMinutes:0} minutes"));
        var results = new List<ScenarioResult>();
        foreach (Scenario scenario in settings.Scenarios)
        {
            Console.WriteLine($"\n{scenario.Name}: {scenario.Title}");
            using var run = ScenarioRun.Create(scenario, settings);
            ScenarioResult result = run.Run();
            Print(result);
            results.Add(result);
            if (settings.Report is { } file)
            {
                // After each scenario, so that an interrupted run leaves a report.
                File.WriteAllText(file, ReportPage.Create(settings, results));
            }
        }

        return results.Any(result => result.Contenders.Count > 0) ? 0 : 1;
    }

    private static void Print(ScenarioResult result)
    {
        if (result.Contenders.Count > 0)
        {
            ResultTable.Of(result).Print(Console.Out);
        }

        foreach (string line in Skip.Lines(result.Skipped))
        {
            Console.WriteLine($"  {line}");
        }
    }

    private static TimeSpan Estimate(Settings settings) => settings.Scenarios.Aggregate(TimeSpan.Zero, (sum, scenario) =>
    {
        using var run = ScenarioRun.Create(scenario, settings);
        return sum + run.Estimate;
    });
}
