namespace Sluice.Bench.Results;

/// <summary>So many percent of the messages took at most so long.</summary>
internal readonly record struct LatencyPoint(double Percent, double Microseconds);
