using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Runs a scenario with all contenders, in interleaved rounds.</summary>
internal abstract class ScenarioRun(Scenario scenario, Settings settings) : IDisposable
{
    /// <summary>How long the scenario takes.</summary>
    public TimeSpan Estimate => Participants.Aggregate(TimeSpan.Zero, (sum, contender) => sum + TimeFor(contender));

    protected Scenario Scenario => scenario;

    protected Settings Settings => settings;

    private IEnumerable<Contender> Participants => settings.Contenders.Where(contender => contender.Does(scenario.Mode));

    public static ScenarioRun Create(Scenario scenario, Settings settings)
    {
        Settings own = scenario.NeedsAllProcessors ? settings with { Pinning = new Pinning(wanted: false) } : settings;
        return scenario.Kind switch
        {
            ScenarioKind.Idle => new IdleRun(scenario, own),
            ScenarioKind.Cold => new ColdRun(scenario, own),
            ScenarioKind.SlowNeighbour => new SlowNeighbourRun(scenario, own),
            _ => new LoadRun(scenario, own),
        };
    }

    /// <summary>Runs the scenario. A contender that cannot run, or fails, is left out of the remaining rounds.</summary>
    public ScenarioResult Run()
    {
        // A contender that exists only for other scenarios is not mentioned.
        IEnumerable<Contender> absent = settings.Contenders.Where(contender => contender.Does(ServerMode.Raw) && !contender.Does(scenario.Mode));
        List<Skip> skipped = [.. absent.Select(contender => new Skip(contender.Name, "does not support this scenario"))];
        List<ContenderResult> results = [.. Participants.Select(contender => new ContenderResult(contender))];
        TryEach(results, skipped, result => Prepare(result.Contender));
        for (int round = 0; round < Rounds; round++)
        {
            TryEach(results, skipped, result => result.Add(Measure(result.Contender)));
        }

        MeasureAllocations(results, skipped);
        return new ScenarioResult(scenario, results, skipped);
    }

    public abstract void Dispose();

    protected virtual int Rounds => settings.Rounds;

    /// <summary>How long one contender takes in all rounds.</summary>
    protected abstract TimeSpan TimeFor(Contender contender);

    /// <summary>Prepares a contender.</summary>
    /// <exception cref="UnmeasurableException">It cannot run on this machine.</exception>
    protected abstract void Prepare(Contender contender);

    /// <summary>Measures a contender once.</summary>
    /// <exception cref="UnmeasurableException">It failed.</exception>
    protected abstract Measurement Measure(Contender contender);

    /// <summary>Measures allocated bytes per message, after the rounds; NaN if it does not apply.</summary>
    /// <exception cref="UnmeasurableException">It failed.</exception>
    protected virtual double MeasureAllocation(Contender contender) => double.NaN;

    // A contender that fails here keeps its earlier results.
    private void MeasureAllocations(List<ContenderResult> results, List<Skip> skipped)
    {
        foreach (ContenderResult result in results)
        {
            try
            {
                result.AllocatedPerMessage = MeasureAllocation(result.Contender);
            }
            catch (UnmeasurableException exception)
            {
                skipped.Add(new Skip(result.Contender.Name, $"allocations not measured: {exception.Message}"));
            }
        }
    }

    private static void TryEach(List<ContenderResult> results, List<Skip> skipped, Action<ContenderResult> action)
    {
        foreach (ContenderResult result in results.ToArray())
        {
            try
            {
                action(result);
            }
            catch (UnmeasurableException exception)
            {
                results.Remove(result);
                skipped.Add(new Skip(result.Contender.Name, exception.Message));
            }
        }
    }
}
