using System.Globalization;

namespace Sluice.Testing;

/// <summary>Represents a run that has failed.</summary>
public sealed class SimulationException : Exception
{
    private const int TraceLines = 40;

    internal SimulationException(ulong seed, SimulationTrace? trace, Exception failure)
        : base(Describe(seed, trace, failure), failure)
    {
        Seed = seed;
        Trace = trace;
    }

    /// <summary>Gets the seed. <see cref="Simulation.SeedVariable"/> with this value replays exactly this run.</summary>
    public ulong Seed { get; }

    /// <summary>Gets what has happened; null if the run blocks its thread.</summary>
    public SimulationTrace? Trace { get; }

    private static string Describe(ulong seed, SimulationTrace? trace, Exception failure)
    {
        string end = trace is null ? "" : string.Join(Environment.NewLine, trace.ToString().Split(Environment.NewLine).TakeLast(TraceLines));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The run with seed {seed} has failed: {failure.Message}{Environment.NewLine}{Simulation.SeedVariable}={seed} replays it. It ended with:{Environment.NewLine}{end}");
    }
}
