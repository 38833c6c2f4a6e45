using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>A scenario against all contenders, interleaved.</summary>
internal abstract class ScenarioRun(Scenario scenario, Settings settings) : IDisposable
{
    protected Scenario Scenario => scenario;

    protected Settings Settings => settings;

    public static ScenarioRun Create(Scenario scenario, Settings settings) =>
        scenario.Kind == ScenarioKind.Idle ? new IdleRun(scenario, settings) : new LoadRun(scenario, settings);

    /// <summary>Runs it; who cannot take part, or fails, is left out of the rest.</summary>
    public ScenarioResult Run()
    {
        var skipped = new List<Skip>();
        List<ContenderResult> results = [.. settings.Contenders.Where(contender => contender.Does(scenario.Mode)).Select(it => new ContenderResult(it))];
        TryEach(results, skipped, result => Prepare(result.Contender));
        for (int round = 0; round < Rounds; round++)
        {
            TryEach(results, skipped, result => result.Add(Measure(result.Contender)));
        }

        return new ScenarioResult(scenario, results, skipped);
    }

    public abstract void Dispose();

    protected virtual int Rounds => settings.Rounds;

    /// <summary>Makes it ready.</summary>
    /// <exception cref="UnmeasurableException">It cannot be run here.</exception>
    protected abstract void Prepare(Contender contender);

    /// <summary>Measures it once.</summary>
    /// <exception cref="UnmeasurableException">It failed.</exception>
    protected abstract Measurement Measure(Contender contender);

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
