using Sluice.Bench.Contenders;

namespace Sluice.Bench.Results;

/// <summary>All rounds of a contender.</summary>
internal sealed class ContenderResult(Contender contender)
{
    private readonly List<Measurement> _rounds = [];

    public Contender Contender => contender;

    public bool IsEmpty => _rounds.Count == 0;

    public double Median => _rounds.Select(round => round.Value).Median();

    public double Min => _rounds.Min(round => round.Value);

    public double Max => _rounds.Max(round => round.Value);

    public double CpuSeconds => _rounds.Select(round => round.CpuSeconds).Median();

    /// <summary>Without what the scenario is about; not a number where that means nothing.</summary>
    public double Alone => _rounds.Select(round => round.Alone).Median();

    /// <summary>The rounds' own ratios to <see cref="Alone"/>.</summary>
    public double RatioToAlone => _rounds.Select(round => round.Value / round.Alone).Median();

    /// <summary>Bytes; not a number where nobody can tell.</summary>
    public double AllocatedPerMessage { get; set; } = double.NaN;

    /// <summary>At each percentage the median of the rounds.</summary>
    public IEnumerable<LatencyPoint> Latencies =>
        IsEmpty ? [] : _rounds[0].Latencies.Select(point => point with { Microseconds = Latency(point.Percent) });

    public void Add(Measurement measurement) => _rounds.Add(measurement);

    public double Latency(double percent) =>
        _rounds.SelectMany(round => round.Latencies).Where(point => point.Percent == percent).Select(point => point.Microseconds).Median();

    // Of the rounds' own ratios: what slows the machine for a while slows both sides of it.
    public double RatioTo(ContenderResult reference) => _rounds.Zip(reference._rounds, (own, other) => own.Value / other.Value).Median();
}
