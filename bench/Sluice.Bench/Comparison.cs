using System.Globalization;
using Sluice.Bench.Contenders;

namespace Sluice.Bench;

/// <summary>Runs scenarios against all contenders, interleaved, and prints medians, spread and ratio.</summary>
internal static class Comparison
{
    private const int Rounds = 9;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(2);

    /// <summary>Runs what <paramref name="names"/> say, scenarios and contenders mixed: all of a kind of which none is named.</summary>
    public static int Run(string[] names)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("The load generator needs Linux.");
            return 1;
        }

        if (names.FirstOrDefault(name => !Scenarios.Contains(name) && !Contenders.Contains(name)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no '{unknown}'. Scenarios: {string.Join(", ", Scenarios)}. Contenders: {string.Join(", ", Contenders)}.");
            return 2;
        }

        EchoScenario[] scenarios = [.. EchoScenario.All.Where(scenario => names.Contains(scenario.Name))];
        Contender[] contenders = [.. Contender.All.Where(contender => names.Contains(contender.Name))];
        Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {Rounds} rounds, "
            + (Pinning.IsPossible ? "server and load on one processor each" : "nothing pinned"));
        foreach (EchoScenario scenario in scenarios.Length > 0 ? scenarios : EchoScenario.All)
        {
            Compare(scenario, contenders.Length > 0 ? contenders : Contender.All);
        }

        return 0;
    }

    private static IEnumerable<string> Scenarios => EchoScenario.All.Select(scenario => scenario.Name);

    private static IEnumerable<string> Contenders => Contender.All.Select(contender => contender.Name);

    private static void Compare(EchoScenario scenario, IReadOnlyList<Contender> contenders)
    {
        Console.WriteLine($"\n{scenario.Name}: {scenario.Connections} connections, {scenario.Size} bytes a message, {scenario.Depth} in flight");
        Dictionary<Contender, ServerProcess> servers = StartAll(contenders);
        try
        {
            foreach (ServerProcess server in servers.Values)
            {
                LoadProcess.Measure(scenario, server.Port, s_warmUp);
            }

            var results = servers.Keys.ToDictionary(contender => contender, _ => new List<double>());
            for (int round = 0; round < Rounds; round++)
            {
                foreach ((Contender contender, ServerProcess server) in servers)
                {
                    results[contender].Add(LoadProcess.Measure(scenario, server.Port, s_duration));
                }
            }

            Print(results);
        }
        finally
        {
            foreach (ServerProcess server in servers.Values)
            {
                server.Dispose();
            }
        }
    }

    // All at once: an idle one costs nothing, and each is compiled and warm when its turn comes.
    private static Dictionary<Contender, ServerProcess> StartAll(IReadOnlyList<Contender> contenders)
    {
        var servers = new Dictionary<Contender, ServerProcess>();
        foreach (Contender contender in contenders)
        {
            if (ServerProcess.Start(contender, out string? reason) is { } server)
            {
                servers.Add(contender, server);
            }
            else
            {
                Console.WriteLine($"  {contender.Name,-16} skipped: {reason}");
            }
        }

        return servers;
    }

    // The ratio is the median of the rounds' own ratios: what slows the machine for a while slows both sides of it.
    private static void Print(Dictionary<Contender, List<double>> results)
    {
        (Contender first, List<double> reference) = results.First();
        foreach ((Contender contender, List<double> rates) in results)
        {
            double ratio = Median([.. rates.Zip(reference, (rate, other) => rate / other)]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {contender.Name,-16} {Median(rates),10:N0} messages/s  ({rates.Min():N0} to {rates.Max():N0})  {ratio:0.00} of {first.Name}"));
        }
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
