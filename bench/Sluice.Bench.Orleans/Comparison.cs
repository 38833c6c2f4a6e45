using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Orleans;

/// <summary>What alternating phases of one row gave: medians.</summary>
/// <param name="Rate">Calls a second of the contender.</param>
/// <param name="OwnRate">Calls a second of Orleans' own transport.</param>
/// <param name="RateRatio">That of the pairs of phases, not of the two before.</param>
/// <param name="Processor">Microseconds of processor a call, of all threads of the cluster.</param>
/// <param name="OwnProcessor">The same of Orleans' own transport.</param>
/// <param name="ProcessorRatio">That of the pairs of phases.</param>
internal sealed record Comparison(double Rate, double OwnRate, double RateRatio, double Processor, double OwnProcessor, double ProcessorRatio)
{
    private const double Phase = 0.1;

    // Until the runtime has compiled what is called often.
    private const double WarmUp = 3;

    public static async Task<Comparison> RunAsync(Row row, Contender contender, Contender own, double seconds)
    {
        int calls = 10;
        while ((await own.MeasureAsync(row, calls)).Seconds < Phase)
        {
            calls *= 2;
        }

        var pairs = new List<(Measurement Contender, Measurement Own)>();
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds + WarmUp;)
        {
            bool isWarm = Stopwatch.GetElapsedTime(begun).TotalSeconds > WarmUp;
            bool isFirst = pairs.Count % 2 == 0;
            Measurement one = await (isFirst ? contender : own).MeasureAsync(row, calls);
            Measurement two = await (isFirst ? own : contender).MeasureAsync(row, calls);
            if (isWarm)
            {
                pairs.Add(isFirst ? (one, two) : (two, one));
            }
        }

        double count = (double)row.Callers * calls;
        double Of(Func<(Measurement Contender, Measurement Own), double> value) => Median(pairs.Select(value));
        return new Comparison(
            Of(pair => count / pair.Contender.Seconds),
            Of(pair => count / pair.Own.Seconds),
            Of(pair => pair.Own.Seconds / pair.Contender.Seconds),
            Of(pair => pair.Contender.Processor / count * 1e6),
            Of(pair => pair.Own.Processor / count * 1e6),
            Of(pair => pair.Contender.Processor / pair.Own.Processor));
    }

    /// <summary>Gets a line of the table: the medians of the rounds, and the ratios of all of them.</summary>
    public static string Describe(string name, IReadOnlyList<Comparison> rounds)
    {
        double Of(Func<Comparison, double> value) => Median(rounds.Select(value));
        string each = string.Join(' ', rounds.Select(round => round.RateRatio.ToString("N2", CultureInfo.InvariantCulture)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Of(round => round.Rate):N0} | {Of(round => round.OwnRate):N0} | {Of(round => round.RateRatio):N2} | {each} "
            + $"| {Of(round => round.Processor):N1} | {Of(round => round.OwnProcessor):N1} | {Of(round => round.ProcessorRatio):N2} |");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
