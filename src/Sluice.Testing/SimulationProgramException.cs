namespace Sluice.Testing;

/// <summary>Represents the failure of a program on a simulated host.</summary>
public sealed class SimulationProgramException : Exception
{
    internal SimulationProgramException(string host, Exception failure)
        : base($"A program on the host '{host}' has failed: {failure.Message}", failure) =>
        Host = host;

    /// <summary>Gets the name of the host.</summary>
    public string Host { get; }
}
