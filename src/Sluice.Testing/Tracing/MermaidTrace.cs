using System.Globalization;
using System.Text;

namespace Sluice.Testing.Tracing;

/// <summary>Draws a trace as a Mermaid sequence diagram.</summary>
internal static class MermaidTrace
{
    public static string Draw(IEnumerable<TraceEvent> events, IEnumerable<string> hosts, int most)
    {
        List<TraceEvent> merged = Merge(events);
        var drawing = new StringBuilder("sequenceDiagram\n");
        foreach (string host in hosts)
        {
            drawing.Append(CultureInfo.InvariantCulture, $"    participant {host}\n");
        }

        foreach (TraceEvent one in merged.Skip(Math.Max(0, merged.Count - most)))
        {
            Append(drawing, one);
        }

        return drawing.ToString();
    }

    // Packets of one kind that follow each other on one connection become one arrow.
    private static List<TraceEvent> Merge(IEnumerable<TraceEvent> events)
    {
        var merged = new List<TraceEvent>();
        foreach (TraceEvent one in events)
        {
            if (merged.Count > 0 && one.Kind is TraceKind.Packet or TraceKind.Lost && merged[^1] is var last
                && last.Kind == one.Kind && last.From == one.From && last.To == one.To && last.Connection == one.Connection && last.Text == one.Text)
            {
                merged[^1] = last with { Length = last.Length + one.Length };
            }
            else
            {
                merged.Add(one);
            }
        }

        return merged;
    }

    private static void Append(StringBuilder drawing, in TraceEvent one)
    {
        // Mermaid ends a statement at a semicolon, and takes # for an entity.
        string label = one.Label.Replace(";", ",", StringComparison.Ordinal).Replace("#", "no. ", StringComparison.Ordinal);
        string time = (one.Time / (double)TimeSpan.TicksPerSecond).ToString("0.000", CultureInfo.InvariantCulture);
        string line = one.Kind switch
        {
            TraceKind.Packet => $"{one.From}->>{one.To}: {time} s: {label}",
            TraceKind.Lost => $"{one.From}-x{one.To}: {time} s: {label}",
            _ => $"Note over {one.From}{(one.To is null ? "" : "," + one.To)}: {time} s: {label}",
        };
        drawing.Append(CultureInfo.InvariantCulture, $"    {line}\n");
    }
}
