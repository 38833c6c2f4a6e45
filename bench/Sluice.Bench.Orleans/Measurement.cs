namespace Sluice.Bench.Orleans;

/// <summary>What a phase of load took.</summary>
/// <param name="Seconds">On the clock.</param>
/// <param name="Processor">Of the cluster's process, all of its threads.</param>
internal readonly record struct Measurement(double Seconds, double Processor);
