using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Bytes of resident memory for a connection on which nothing comes.</summary>
internal sealed class IdleRun(Scenario scenario, Settings settings) : ScenarioRun(scenario, settings)
{
    // It varies little, and takes a new server each time: what a server once had from the system it keeps.
    private const int MaxRounds = 3;

    // Enough for what comes with the first connections, code above all, and few beside what is counted.
    private const int Before = 100;
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(0.5);

    // Starting a server, and five thousand connections, one after the other.
    private static readonly TimeSpan s_roundAbout = TimeSpan.FromSeconds(2.5);

    protected override int Rounds => Math.Min(MaxRounds, Settings.Rounds);

    protected override TimeSpan TimeFor(Contender contender) => Rounds * ((2 * s_settling) + s_roundAbout);

    public override void Dispose()
    {
        // A server ends with its measurement.
    }

    protected override void Prepare(Contender contender)
    {
        using var server = ServerProcess.Start(contender, Scenario.Mode, Settings.Pinning);
    }

    protected override Measurement Measure(Contender contender)
    {
        using var server = ServerProcess.Start(contender, Scenario.Mode, Settings.Pinning);
        using var connections = new IdleConnections(server.Port, Scenario.Size);
        connections.Open(Before);
        Thread.Sleep(s_settling);
        long before = server.ResidentBytes;
        connections.Open(Scenario.Connections);
        Thread.Sleep(s_settling);
        return new Measurement((server.ResidentBytes - before) / (double)Scenario.Connections, double.NaN, []);
    }
}
