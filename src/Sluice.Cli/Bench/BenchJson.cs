using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Cli.Bench.Ramps;

namespace Sluice.Cli.Bench;

/// <summary>Formats the result as one line of JSON.</summary>
internal static class BenchJson
{
    private static readonly double[] s_percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100];

    public static string Of(BenchSettings settings, LoadTotals totals, string? error) => Line(writer => Write(writer, settings, totals, error));

    /// <summary>Formats the steps of a ramp.</summary>
    public static string Of(BenchSettings settings, RampResult result) => Line(writer =>
    {
        writer.WriteString("ramp", settings.MessageRate is null ? "connections" : "rate");
        writer.WriteString("end", $"{result.End}".ToLowerInvariant());
        if (result.Best is { } best)
        {
            writer.WriteNumber("best", best.Level);
        }

        if (result.Last.Error is { } error)
        {
            writer.WriteString("error", error);
        }

        writer.WriteStartArray("steps");
        foreach (RampStep step in result.Steps)
        {
            writer.WriteStartObject();
            Write(writer, step.Settings, step.Totals, step.Error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static string Line(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, BenchSettings settings, LoadTotals totals, string? error)
    {
        WriteTotals(writer, settings, totals);
        if (error is not null)
        {
            writer.WriteString("error", error);
        }

        if (!settings.IsOneWay)
        {
            WriteLatency(writer, totals.Latencies);
            WritePercentiles(writer, totals.Latencies);
        }
    }

    private static void WriteTotals(Utf8JsonWriter writer, BenchSettings settings, LoadTotals totals)
    {
        if (!settings.IsOneWay)
        {
            writer.WriteNumber("messages", totals.Count);
        }

        writer.WriteNumber("seconds", totals.Elapsed.TotalSeconds);
        writer.WriteNumber("rate", totals.Rate);
        writer.WriteNumber("bytes", settings.IsOneWay ? totals.Count : totals.Count * settings.Size);
        writer.WriteNumber("connections", settings.Connections);
        if (settings.IsDatagram)
        {
            writer.WriteNumber("lost", totals.Lost);
        }

        if (settings.MessageRate is { } wanted)
        {
            writer.WriteNumber("wantedRate", wanted);
        }

        writer.WriteNumber("began", MicrosecondsSinceEpoch(totals.Began));
        writer.WriteNumber("ended", MicrosecondsSinceEpoch(totals.Began + totals.Elapsed));
    }

    private static void WriteLatency(Utf8JsonWriter writer, LatencyHistogram latencies)
    {
        writer.WriteStartObject("latency");
        writer.WriteNumber("min", latencies.Percentile(0));
        foreach (double percent in (double[])[50, 90, 99, 99.9])
        {
            writer.WriteNumber(string.Create(CultureInfo.InvariantCulture, $"p{percent}"), latencies.Percentile(percent));
        }

        writer.WriteNumber("max", latencies.Percentile(100));
        writer.WriteEndObject();
    }

    private static void WritePercentiles(Utf8JsonWriter writer, LatencyHistogram latencies)
    {
        writer.WriteStartArray("percentiles");
        foreach (double percent in s_percentiles)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(percent);
            writer.WriteNumberValue(latencies.Percentile(percent));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static long MicrosecondsSinceEpoch(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
