namespace Sluice.Bench.Results;

/// <summary>The measurement of one contender in one round.</summary>
/// <param name="Value">The result, in the unit of the scenario.</param>
/// <param name="CpuSeconds">The processor time of the server, per cost unit of the scenario; NaN if it does not apply.</param>
/// <param name="Latencies">The percentiles of the latency; empty if it does not apply.</param>
internal sealed record Measurement(double Value, double CpuSeconds, IReadOnlyList<LatencyPoint> Latencies)
{
    /// <summary>The result in the same round without the slow neighbor; NaN if it does not apply.</summary>
    public double Alone { get; init; } = double.NaN;
}
