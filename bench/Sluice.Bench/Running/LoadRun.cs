using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Messages or connections a second.</summary>
internal sealed class LoadRun(Scenario scenario, Settings settings) : ScenarioRun(scenario, settings)
{
    // All at once: an idle one costs nothing, and each is compiled and warm when its turn comes.
    private readonly Dictionary<Contender, ServerProcess> _servers = [];

    protected override void Prepare(Contender contender)
    {
        var server = ServerProcess.Start(contender, Scenario.Mode, Settings.Pinning);
        _servers.Add(contender, server);
        LoadProcess.Run(Scenario, server.Port, Settings.WarmUp, Settings.Pinning);
    }

    protected override Measurement Measure(Contender contender)
    {
        ServerProcess server = _servers[contender];
        using var meter = new CpuMeter(server);
        LoadResult load = LoadProcess.Run(Scenario, server.Port, Settings.Duration, Settings.Pinning);
        return new Measurement(load.Rate, meter.Usage(load.EndedAt, load.Seconds) / load.Rate * 1e6, load.Percentiles);
    }

    public override void Dispose()
    {
        foreach (ServerProcess server in _servers.Values)
        {
            server.Dispose();
        }
    }
}
