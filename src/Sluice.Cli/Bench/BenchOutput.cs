using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Cli.Bench;

/// <summary>Prints how it goes and how it ended: for people, or as one line of JSON.</summary>
internal sealed class BenchOutput(bool json)
{
    private static readonly double[] s_percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100];

    private long _messagesBefore;
    private TimeSpan _elapsedBefore;

    public void Begin(BenchSettings settings)
    {
        if (!json)
        {
            Console.WriteLine(settings);
        }
    }

    /// <summary>A second has passed.</summary>
    public void Tick(LoadTotals totals)
    {
        if (json)
        {
            return;
        }

        TimeSpan elapsed = totals.Running;
        long messages = totals.Messages;
        double rate = (messages - _messagesBefore) / (elapsed - _elapsedBefore).TotalSeconds;
        (_messagesBefore, _elapsedBefore) = (messages, elapsed);
        Console.WriteLine(Format($"{elapsed.TotalSeconds,5:0} s {rate,12:N0} messages/s"));
    }

    public void End(BenchSettings settings, LoadTotals totals)
    {
        if (json)
        {
            Console.WriteLine(ToJson(settings, totals));
            return;
        }

        double rate = totals.Messages / totals.Elapsed.TotalSeconds;
        Console.WriteLine(Format($"{totals.Messages:N0} messages in {totals.Elapsed.TotalSeconds:0.00} s: {rate:N0} messages/s, ")
            + Format($"{rate * settings.Size / 1e6:0.0} MB/s each way"));
        LatencyHistogram latencies = totals.Latencies;
        Console.WriteLine(Format($"latency in µs: min {latencies.Percentile(0)}, p50 {latencies.Percentile(50)}, p90 {latencies.Percentile(90)}, ")
            + Format($"p99 {latencies.Percentile(99)}, p99.9 {latencies.Percentile(99.9)}, max {latencies.Percentile(100)}"));
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string ToJson(BenchSettings settings, LoadTotals totals)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber("messages", totals.Messages);
            writer.WriteNumber("seconds", totals.Elapsed.TotalSeconds);
            writer.WriteNumber("rate", totals.Messages / totals.Elapsed.TotalSeconds);
            writer.WriteNumber("bytes", totals.Messages * settings.Size);
            writer.WriteNumber("connections", settings.Connections);
            writer.WriteStartObject("latency");
            writer.WriteNumber("min", totals.Latencies.Percentile(0));
            foreach (double percent in (double[])[50, 90, 99, 99.9])
            {
                writer.WriteNumber(string.Create(CultureInfo.InvariantCulture, $"p{percent}"), totals.Latencies.Percentile(percent));
            }

            writer.WriteNumber("max", totals.Latencies.Percentile(100));
            writer.WriteEndObject();
            writer.WriteStartArray("percentiles");
            foreach (double percent in s_percentiles)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(percent);
                writer.WriteNumberValue(totals.Latencies.Percentile(percent));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
