using System.Globalization;
using Sluice.Bench.Results;
using Sluice.Bench.Running;

namespace Sluice.Bench;

/// <summary>Runs scenarios, and prints each when it is done.</summary>
internal static class Comparison
{
    public static int Run(Settings settings)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {settings.Rounds} rounds of {settings.Duration.TotalSeconds} s, {settings.Pinning}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"about {Estimate(settings).TotalMinutes:0} minutes"));
        var results = new List<ScenarioResult>();
        foreach (Scenario scenario in settings.Scenarios)
        {
            Console.WriteLine($"\n{scenario.Name}: {scenario.Title}");
            using var run = ScenarioRun.Create(scenario, settings);
            ScenarioResult result = run.Run();
            ResultTable.Print(result, Console.Out);
            results.Add(result);
        }

        return results.Any(result => result.Contenders.Count > 0) ? 0 : 1;
    }

    private static TimeSpan Estimate(Settings settings)
    {
        // Starting the load, and its warm-up.
        var overhead = TimeSpan.FromSeconds(1);
        return settings.Scenarios.Count * settings.Contenders.Count * (settings.WarmUp + overhead + (settings.Rounds * (settings.Duration + overhead)));
    }
}
