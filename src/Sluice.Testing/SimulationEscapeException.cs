namespace Sluice.Testing;

/// <summary>Represents the failure of a run whose code has left the thread of the simulation, or has blocked it: its order no longer depends on the seed alone.</summary>
public sealed class SimulationEscapeException : InvalidOperationException
{
    internal SimulationEscapeException(string what, string stack)
        : base($"Something has escaped the simulation: {what}.{Environment.NewLine}{stack}")
    {
    }
}
