using System.Text.Json;

namespace Sluice.Bench.Results;

/// <summary>What <c>sluice bench --json</c> printed.</summary>
/// <param name="Began">When it began to count.</param>
/// <param name="Ended">When it had counted enough.</param>
/// <param name="Rate">Messages a second, or bytes in one direction.</param>
/// <param name="Percentiles">Of the latency; empty in one direction.</param>
internal sealed record LoadResult(DateTime Began, DateTime Ended, double Rate, IReadOnlyList<LatencyPoint> Percentiles)
{
    /// <summary>All that it counted.</summary>
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
