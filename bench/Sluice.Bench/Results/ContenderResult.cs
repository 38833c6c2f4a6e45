using Sluice.Bench.Contenders;

namespace Sluice.Bench.Results;

/// <summary>The results of a contender in all rounds.</summary>
internal sealed class ContenderResult(Contender contender)
{
    private readonly List<Measurement> _rounds = [];

    public Contender Contender => contender;

    public bool IsEmpty => _rounds.Count == 0;

    public double Median => _rounds.Select(round => round.Value).Median();

    public double Min => _rounds.Min(round => round.Value);

    public double Max => _rounds.Max(round => round.Value);

    public double CpuSeconds => _rounds.Select(round => round.CpuSeconds).Median();

    /// <summary>The median without the slow neighbor; NaN if it does not apply.</summary>
    public double Alone => _rounds.Select(round => round.Alone).Median();

    /// <summary>The median of the rounds' ratios to the result without the slow neighbor.</summary>
    public double RatioToAlone => _rounds.Select(round => round.Value / round.Alone).Median();

    /// <summary>Allocated bytes per message; NaN if unknown.</summary>
    public double AllocatedPerMessage { get; set; } = double.NaN;

    /// <summary>Returns the median of the rounds for each percentile.</summary>
    public IEnumerable<LatencyPoint> Latencies =>
        IsEmpty ? [] : _rounds[0].Latencies.Select(point => point with { Microseconds = Latency(point.Percent) });

    public void Add(Measurement measurement) => _rounds.Add(measurement);

    public double Latency(double percent) =>
        _rounds.SelectMany(round => round.Latencies).Where(point => point.Percent == percent).Select(point => point.Microseconds).Median();

    // The median of each round's own ratio: a temporary slowdown of the machine affects both contenders of a round.
    public double RatioTo(ContenderResult reference) => _rounds.Zip(reference._rounds, (own, other) => own.Value / other.Value).Median();
}
