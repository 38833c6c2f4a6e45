namespace Sluice.Bench.Running;

/// <summary>Thrown when a contender cannot be measured on this machine, or failed. The message is a short reason.</summary>
internal sealed class UnmeasurableException(string message) : Exception(message);
