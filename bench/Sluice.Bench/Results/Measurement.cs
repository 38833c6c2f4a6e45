namespace Sluice.Bench.Results;

/// <summary>One contender in one round.</summary>
/// <param name="Value">In the scenario's unit.</param>
/// <param name="CpuSeconds">Of the server, for what the scenario tells it for; not a number where that means nothing.</param>
/// <param name="Latencies">Empty where there are none.</param>
internal sealed record Measurement(double Value, double CpuSeconds, IReadOnlyList<LatencyPoint> Latencies)
{
    /// <summary>The same in the same round without what the scenario is about; not a number where that means nothing.</summary>
    public double Alone { get; init; } = double.NaN;
}
