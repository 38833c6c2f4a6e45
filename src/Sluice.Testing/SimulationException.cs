using System.Globalization;

namespace Sluice.Testing;

/// <summary>Represents a run that has failed.</summary>
public sealed class SimulationException : Exception
{
    private const int TraceLines = 40;

    private int _plannedFaults;

    internal SimulationException(ulong seed, SimulationTrace? trace, Exception failure)
        : base(null, failure)
    {
        Seed = seed;
        Trace = trace;
    }

    /// <summary>Gets the seed. <see cref="Simulation.SeedVariable"/> with this value replays exactly this run.</summary>
    public ulong Seed { get; }

    /// <summary>Gets what has happened; null if the run blocks its thread.</summary>
    public SimulationTrace? Trace { get; }

    /// <summary>Gets the number of faults of <see cref="SimulatedNetwork.ScheduleFaults"/> that were left in the run. The others were not needed for a failure.</summary>
    public int FaultCount { get; private set; }

    /// <summary>Gets the failure, the seed, and the end of the trace.</summary>
    public override string Message
    {
        get
        {
            string end = Trace is null ? "" : string.Join(Environment.NewLine, Trace.ToString().Split(Environment.NewLine).TakeLast(TraceLines));
            string faults = _plannedFaults == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" It needs {FaultCount} of its {_plannedFaults} faults.");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The run with seed {Seed} has failed: {InnerException!.Message}{Environment.NewLine}{Simulation.SeedVariable}={Seed} replays it.{faults} It ended with:{Environment.NewLine}{end}");
        }
    }

    internal void SetFaults(int left, int planned)
    {
        FaultCount = left;
        _plannedFaults = planned;
    }
}
