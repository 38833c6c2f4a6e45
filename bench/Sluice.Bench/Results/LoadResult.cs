using System.Text.Json;

namespace Sluice.Bench.Results;

/// <summary>What <c>sluice bench --json</c> printed.</summary>
internal sealed record LoadResult(double Seconds, double Rate, IReadOnlyList<LatencyPoint> Percentiles)
{
    /// <summary>When it was printed, on the clock of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long EndedAt { get; init; }

    public static LoadResult Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new LoadResult(
            root.GetProperty("seconds").GetDouble(),
            root.GetProperty("rate").GetDouble(),
            [.. root.GetProperty("percentiles").EnumerateArray().Select(pair => new LatencyPoint(pair[0].GetDouble(), pair[1].GetDouble()))]);
    }
}
