namespace Sluice.Bench.Running;

/// <summary>A contender cannot be measured here, or could not: the message says why in a few words.</summary>
internal sealed class UnmeasurableException(string message) : Exception(message);
