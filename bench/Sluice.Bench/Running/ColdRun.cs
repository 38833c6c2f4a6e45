using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Measures each round with a server that has just started.</summary>
internal sealed class ColdRun(Scenario scenario, Settings settings) : ScenarioRun(scenario, settings)
{
    protected override TimeSpan TimeFor(Contender contender) => Settings.Rounds * (LoadProcess.Overhead + Scenario.From + Scenario.Lasts!.Value);

    protected override void Prepare(Contender contender)
    {
        // Only to see that it can run on this machine.
        using var server = ServerProcess.Start(contender, Scenario.Mode, Settings);
    }

    protected override Measurement Measure(Contender contender)
    {
        using var server = ServerProcess.Start(contender, Scenario.Mode, Settings);
        return LoadRun.Measure(Scenario, server, Scenario.Lasts!.Value, Settings.Pinning);
    }

    public override void Dispose()
    {
    }
}
