using System.Diagnostics;
using Sluice.Stress.Kernel;
using Sluice.Stress.Kit;

namespace Sluice.Stress;

/// <summary>Runs each race over everything it runs over, for a share of the time each.</summary>
internal sealed class Runner(Settings settings)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);

    private readonly Score _score = new();

    public async Task<int> RunAsync(IReadOnlyList<Race> races)
    {
        (Race Race, SelectorEngine Engine, Wire Wire)[] all = [.. races.SelectMany(race => Engines.SelectMany(engine => race.Wires.Select(wire => (race, engine, wire))))
            .Where(one => NameOf(one.race, one.engine, one.wire).Contains(settings.Race, StringComparison.OrdinalIgnoreCase))];
        TimeSpan share = settings.Duration / Math.Max(all.Length, 1);
        Console.WriteLine($"{all.Length} races for {settings.Duration.TotalSeconds:0} s, seed {settings.Seed}");
        foreach ((Race race, SelectorEngine engine, Wire wire) in all)
        {
            await RunAsync(race, engine, wire, share);
        }

        Console.WriteLine($"{HostileKernel.Faults} faults of the kernel");
        return _score.End();
    }

    private static IEnumerable<SelectorEngine> Engines => OperatingSystem.IsLinux() ? [SelectorEngine.Epoll, SelectorEngine.Portable] : [SelectorEngine.Portable];

    private static string NameOf(Race race, SelectorEngine engine, Wire wire) => $"{race.Name} on {engine} over {wire}";

    private async Task RunAsync(Race race, SelectorEngine engine, Wire wire, TimeSpan share)
    {
        string name = NameOf(race, engine, wire);
        var faults = new Faults();
        int rounds = 0;
        var watch = Stopwatch.StartNew();

        // What the runtime opens when it is first used is no leak.
        bool stuck = await WarmUpAsync(race, engine, wire, faults);
        using (var process = new ProcessState(faults))
        {
            var world = new World(engine, wire, faults, settings.Traces, race.HandoffAfter);
            while (!stuck && faults.IsEmpty && (watch.Elapsed < share || rounds < settings.MinRounds))
            {
                stuck = await RunRoundAsync(race, world, faults, rounds++);
            }

            if (!stuck)
            {
                await process.CheckAsync(world);
            }
        }

        _score.Report(faults.IsEmpty, $"{name}: {rounds} rounds in {watch.Elapsed.TotalSeconds:0.0} s{(faults.IsEmpty ? "" : $"\n{faults}")}");
    }

    private async Task<bool> WarmUpAsync(Race race, SelectorEngine engine, Wire wire, Faults faults)
    {
        var world = new World(engine, wire, faults, settings.Traces, race.HandoffAfter);
        bool stuck = await RunRoundAsync(race, world, faults, -1);
        if (!stuck)
        {
            await world.DisposeAsync();
        }

        return stuck;
    }

    private async Task<bool> RunRoundAsync(Race race, World world, Faults faults, int number)
    {
        // Each round has a seed of its own, so that the chances of one do not depend on the rounds before it.
        // Every second round meets a kernel that does all that it may.
        HostileKernel.IsHostile = (number & 1) != 0 && number > 0;
        var round = new Round(world, new Random(HashCode.Combine(settings.Seed, number)), faults, HostileKernel.IsHostile ? $"round {number}, hostile kernel" : $"round {number}");
        try
        {
            await race.RunAsync(round).WaitAsync(s_patience);
        }
        catch (Exception exception)
        {
            round.Fault($"The round itself failed: {exception}");
            return true;
        }

        return round.IsStuck;
    }
}
