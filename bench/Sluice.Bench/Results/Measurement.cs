namespace Sluice.Bench.Results;

/// <summary>One contender in one round.</summary>
/// <param name="Value">In the scenario's unit.</param>
/// <param name="CpuSecondsPerMillion">Of the server, for a million messages; not a number where that means nothing.</param>
/// <param name="Latencies">Empty where there are none.</param>
internal sealed record Measurement(double Value, double CpuSecondsPerMillion, IReadOnlyList<LatencyPoint> Latencies);
