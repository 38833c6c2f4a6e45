namespace Sluice.Bench.Results;

/// <summary>A percentile of the latency.</summary>
internal readonly record struct LatencyPoint(double Percent, double Microseconds);
