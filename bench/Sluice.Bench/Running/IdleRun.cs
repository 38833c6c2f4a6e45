using Sluice.Bench.Contenders;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Measures the resident memory per idle connection.</summary>
internal sealed class IdleRun(Scenario scenario, Settings settings) : ScenarioRun(scenario, settings)
{
    // Few rounds, because the result varies little. Each needs a new server, because a process keeps the memory it once got from the system.
    private const int MaxRounds = 3;

    // Enough to pay the one-time costs of the first connections, mostly code, and few compared with those that are measured.
    private const int Before = 100;
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(0.5);

    // Starting a server, and opening 5,000 connections one by one.
    private static readonly TimeSpan s_roundAbout = TimeSpan.FromSeconds(2.5);

    protected override int Rounds => Math.Min(MaxRounds, Settings.Rounds);

    protected override TimeSpan TimeFor(Contender contender) => Rounds * ((2 * s_settling) + s_roundAbout);

    public override void Dispose()
    {
        // The server stops after the measurement.
    }

    protected override void Prepare(Contender contender)
    {
        using var server = ServerProcess.Start(contender, Scenario.Mode, Settings);
    }

    protected override Measurement Measure(Contender contender)
    {
        using var server = ServerProcess.Start(contender, Scenario.Mode, Settings);
        using var connections = new IdleConnections(server.Port, Scenario.Size);
        connections.Open(Before);
        Thread.Sleep(s_settling);
        long before = server.ResidentBytes;
        connections.Open(Scenario.Connections);
        Thread.Sleep(s_settling);
        return new Measurement((server.ResidentBytes - before) / (double)Scenario.Connections, double.NaN, []);
    }
}
