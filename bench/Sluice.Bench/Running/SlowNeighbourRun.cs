using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Runs each round twice: without the slow connection, and with it.</summary>
internal sealed class SlowNeighbourRun(Scenario scenario, Settings settings) : LoadRun(scenario, settings)
{
    protected override TimeSpan TimeForRound => 2 * base.TimeForRound;

    protected override Measurement Measure(Contender contender)
    {
        Measurement alone = base.Measure(contender);
        using var neighbour = new SlowNeighbour(ServerOf(contender).Port, Settings.Pinning);
        return base.Measure(contender) with { Alone = alone.Value };
    }
}
