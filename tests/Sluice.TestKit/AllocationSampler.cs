using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace Sluice.TestKit;

/// <summary>
/// Tells which types the process allocates: the runtime samples one allocation about every 100 kB
/// (https://learn.microsoft.com/dotnet/fundamentals/diagnostics/runtime-garbage-collection-events#gcallocationtick_v3-event).
/// </summary>
internal sealed class AllocationSampler : EventListener
{
    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly ConcurrentDictionary<string, long> _bytes = new();

    /// <summary>The type with the most bytes; empty if there is none yet.</summary>
    public string Largest => _bytes.MaxBy(entry => entry.Value).Key ?? "";

    /// <summary>The types with the most bytes, the largest first.</summary>
    public string Describe() => string.Join(
        ", ", _bytes.OrderByDescending(entry => entry.Value).Take(5).Select(entry => $"{entry.Key}: {entry.Value / 1000} kB"));

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
            && eventData is { PayloadNames: { } names, Payload: { } payload })
        {
            long bytes = Convert.ToInt64(payload[names.IndexOf("AllocationAmount64")], CultureInfo.InvariantCulture);
            _bytes.AddOrUpdate($"{payload[names.IndexOf("TypeName")]}", bytes, (_, before) => before + bytes);
        }
    }
}
