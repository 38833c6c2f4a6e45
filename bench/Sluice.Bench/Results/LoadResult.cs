using System.Text.Json;

namespace Sluice.Bench.Results;

/// <summary>The output of <c>sluice bench --json</c>.</summary>
/// <param name="Began">The start of the measurement.</param>
/// <param name="Ended">The end of the measurement.</param>
/// <param name="Rate">Messages per second; bytes per second for loads in one direction.</param>
/// <param name="Percentiles">The percentiles of the latency; empty for loads in one direction.</param>
internal sealed record LoadResult(DateTime Began, DateTime Ended, double Rate, IReadOnlyList<LatencyPoint> Percentiles)
{
    /// <summary>The total number of messages or bytes.</summary>
    public double Count => Rate * (Ended - Began).TotalSeconds;

    public static LoadResult Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new LoadResult(
            Time(root.GetProperty("began")),
            Time(root.GetProperty("ended")),
            root.GetProperty("rate").GetDouble(),
            root.TryGetProperty("percentiles", out JsonElement percentiles)
                ? [.. percentiles.EnumerateArray().Select(pair => new LatencyPoint(pair[0].GetDouble(), pair[1].GetDouble()))]
                : []);
    }

    private static DateTime Time(JsonElement microseconds) => DateTime.UnixEpoch + TimeSpan.FromMicroseconds(microseconds.GetInt64());
}
