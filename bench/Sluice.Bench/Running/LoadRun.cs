using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Measures messages, connections or megabytes per second.</summary>
internal class LoadRun(Scenario scenario, Settings settings) : ScenarioRun(scenario, settings)
{
    private static readonly TimeSpan s_allocationPass = TimeSpan.FromSeconds(3);

    // All servers run at once: an idle server costs nothing, and each is compiled and warm when its turn comes.
    private readonly Dictionary<Contender, ServerProcess> _servers = [];

    protected override TimeSpan TimeFor(Contender contender) =>
        Settings.WarmUp + LoadProcess.Overhead
        + (Settings.Rounds * TimeForRound)
        + (HasAllocations(contender) ? s_allocationPass + LoadProcess.Overhead : TimeSpan.Zero);

    protected virtual TimeSpan TimeForRound => Settings.Duration + LoadProcess.Overhead;

    public override void Dispose()
    {
        foreach (ServerProcess server in _servers.Values)
        {
            server.Dispose();
        }
    }

    protected ServerProcess ServerOf(Contender contender) => _servers[contender];

    protected override void Prepare(Contender contender)
    {
        var server = ServerProcess.Start(contender, Scenario.Mode, Settings);
        _servers.Add(contender, server);
        Load(server, Settings.WarmUp);
    }

    protected override Measurement Measure(Contender contender) => Measure(Scenario, ServerOf(contender), Settings.Duration, Settings.Pinning);

    /// <summary>Measures a server once.</summary>
    /// <exception cref="UnmeasurableException">The load failed.</exception>
    public static Measurement Measure(Scenario scenario, ServerProcess server, TimeSpan duration, Pinning pinning)
    {
        using var meter = new CpuMeter(server);
        LoadResult load = LoadProcess.Run(scenario, server.Port, duration, pinning);
        double cpuSeconds = meter.SecondsBetween(load.Began, load.Ended);
        return new Measurement(load.Rate / scenario.UnitSize, cpuSeconds / load.Count * scenario.CostUnitSize, load.Percentiles);
    }

    protected override double MeasureAllocation(Contender contender)
    {
        if (!HasAllocations(contender))
        {
            return double.NaN;
        }

        ServerProcess server = ServerOf(contender);
        using var meter = new AllocationMeter(server);
        LoadResult load = Load(server, s_allocationPass);
        return meter.BytesASecond(load.Began, load.Ended) / load.Rate;
    }

    // Loads in one direction have no messages.
    private bool HasAllocations(Contender contender) => contender.IsDotNet && Scenario.Kind != ScenarioKind.Bulk;

    private LoadResult Load(ServerProcess server, TimeSpan duration) => LoadProcess.Run(Scenario, server.Port, duration, Settings.Pinning);
}
