using System.Globalization;
using Sluice.Bench.Contenders;

namespace Sluice.Bench;

/// <summary>A scenario: what the load does and what is measured.</summary>
internal sealed record Scenario(string Name, ScenarioKind Kind, ServerMode Mode, int Connections, int Size, int Depth)
{
    // The load takes no warm-up of 0.
    private static readonly TimeSpan s_atOnce = TimeSpan.FromMilliseconds(1);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("raw-1", ScenarioKind.Echo, ServerMode.Raw, 1, 64, 1),
        new("raw-64", ScenarioKind.Echo, ServerMode.Raw, 64, 64, 1),
        new("raw-1000", ScenarioKind.Echo, ServerMode.Raw, 1000, 64, 1),
        new("cold-first-second", ScenarioKind.Cold, ServerMode.Raw, 64, 64, 1) { From = s_atOnce, Lasts = TimeSpan.FromSeconds(1) },
        new("cold-after-1.5s", ScenarioKind.Cold, ServerMode.Raw, 64, 64, 1) { From = TimeSpan.FromSeconds(1.5), Lasts = TimeSpan.FromSeconds(2) },
        new("raw-64-deep-16", ScenarioKind.Echo, ServerMode.Raw, 64, 64, 16),
        new("raw-8-64KiB", ScenarioKind.Echo, ServerMode.Raw, 8, 64 * 1024, 1),
        new("line-64", ScenarioKind.Echo, ServerMode.Lines, 64, 64, 1),
        new("line-64-deep-16", ScenarioKind.Echo, ServerMode.Lines, 64, 64, 16),
        new("slow-handler", ScenarioKind.SlowNeighbour, ServerMode.Slow, 63, 64, 1),
        new("compute-50us", ScenarioKind.Echo, ServerMode.Compute, 64, 64, 1),
        new("off-loop-1", ScenarioKind.Echo, ServerMode.OffLoop, 1, OffLoopEcho.Size, 1),
        new("off-loop-64", ScenarioKind.Echo, ServerMode.OffLoop, 1, OffLoopEcho.Size, 64),
        new("connect", ScenarioKind.Connect, ServerMode.Raw, 64, 64, 1),
        new("bulk-in", ScenarioKind.Bulk, ServerMode.Sink, 4, 64 * 1024, 1),
        new("bulk-out", ScenarioKind.Bulk, ServerMode.Source, 4, 64 * 1024, 1),
        new("tls-1", ScenarioKind.Echo, ServerMode.TlsRaw, 1, 64, 1),
        new("tls-64", ScenarioKind.Echo, ServerMode.TlsRaw, 64, 64, 1),
        new("tls-64-deep-16", ScenarioKind.Echo, ServerMode.TlsRaw, 64, 64, 16),
        new("tls-bulk-in", ScenarioKind.Bulk, ServerMode.TlsSink, 4, 64 * 1024, 1),
        new("tls-bulk-out", ScenarioKind.Bulk, ServerMode.TlsSource, 4, 64 * 1024, 1),
        new("udp-echo-1", ScenarioKind.Datagrams, ServerMode.DatagramEcho, 1, 64, 1),
        new("udp-echo-64B", ScenarioKind.Datagrams, ServerMode.DatagramEcho, 1, 64, 64),
        new("udp-echo-1200B", ScenarioKind.Datagrams, ServerMode.DatagramEcho, 1, 1200, 64),
        new("udp-in-64B", ScenarioKind.Datagrams, ServerMode.DatagramSink, 1, 64, 1),
        new("udp-in-1200B", ScenarioKind.Datagrams, ServerMode.DatagramSink, 1, 1200, 1),
        new("udp-in-64B-trains", ScenarioKind.Datagrams, ServerMode.DatagramSink, 1, 64, 32),
        new("udp-in-1200B-trains", ScenarioKind.Datagrams, ServerMode.DatagramSink, 1, 1200, 32),
        new("broadcast-1000", ScenarioKind.Broadcast, ServerMode.Broadcast, 1000, 64, 1000),
        new("broadcast-1000-stuck", ScenarioKind.Broadcast, ServerMode.Broadcast, 1000, 64, 1000) { HasStuckMember = true },
        new("idle-5000", ScenarioKind.Idle, ServerMode.Lines, 5000, 64, 1),
    ];

    /// <summary>How long the load runs before it measures.</summary>
    public TimeSpan From { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long it measures; null for what the command line says.</summary>
    public TimeSpan? Lasts { get; init; }

    /// <summary>Whether one more connection never reads.</summary>
    public bool HasStuckMember { get; init; }

    public string Title => Kind switch
    {
        ScenarioKind.Cold => string.Create(
            CultureInfo.InvariantCulture, $"{Echo}; a new server each round, measured from {From.TotalSeconds:0.#} to {(From + Lasts!.Value).TotalSeconds:0.#} s after its load begins"),
        ScenarioKind.SlowNeighbour => $"{Echo}, plus one whose handler sleeps {Work.Sleep.TotalMilliseconds} ms per message",
        ScenarioKind.Connect => $"connect, echo {Size} bytes, reset; {Connections} at a time",
        ScenarioKind.Bulk => $"{Connections} connections on which the server only {(Mode is ServerMode.Sink or ServerMode.TlsSink ? "receives" : "sends")}, {Size} bytes per write{(IsTls ? ", under TLS 1.3" : "")}",
        ScenarioKind.Datagrams when Mode == ServerMode.DatagramEcho => $"UDP echo: {Size} bytes per datagram, {Depth} in flight",
        ScenarioKind.Datagrams => $"UDP, one way: {Size} bytes per datagram, as fast as they can be sent{(Depth > 1 ? $", in trains of {Depth} (UDP_SEGMENT)" : "")}",
        ScenarioKind.Broadcast =>
            $"broadcast: {Connections} connections, {Depth} messages of {Size} bytes at a time to each{(HasStuckMember ? ", plus one that never reads" : "")}",
        ScenarioKind.Idle => $"memory of {Connections} idle connections that have echoed a line",
        _ when Mode == ServerMode.Compute =>
            string.Create(CultureInfo.InvariantCulture, $"{Echo}, with {Work.Computing.TotalMicroseconds} µs of computing per message; on all processors"),
        _ when Mode == ServerMode.OffLoop => $"{Echo}, each answered from the thread pool; on all processors",
        _ => Echo,
    };

    public string Unit => Kind switch
    {
        ScenarioKind.Connect => "connections/s",
        ScenarioKind.Datagrams => "datagrams/s",
        ScenarioKind.Bulk => "MB/s",
        ScenarioKind.Idle => "bytes/connection",
        _ => "messages/s",
    };

    /// <summary>The load's count per <see cref="Unit"/>.</summary>
    public double UnitSize => Kind == ScenarioKind.Bulk ? 1e6 : 1;

    /// <summary>The unit that processor time refers to.</summary>
    public string CostUnit => Kind == ScenarioKind.Bulk ? "GB" : "million";

    /// <summary>The load's count per <see cref="CostUnit"/>.</summary>
    public double CostUnitSize => Kind == ScenarioKind.Bulk ? 1e9 : 1e6;

    /// <summary>Whether the scenario uses all processors, so that nothing is pinned.</summary>
    public bool NeedsAllProcessors => Mode is ServerMode.Compute or ServerMode.OffLoop;

    /// <summary>Whether it uses TLS.</summary>
    public bool IsTls => Mode is ServerMode.TlsRaw or ServerMode.TlsSink or ServerMode.TlsSource;

    private string Echo => $"{(IsTls ? "TLS 1.3, " : "")}{(Mode == ServerMode.Lines ? "line" : "raw")} echo: {Connections} connection{(Connections == 1 ? "" : "s")}, "
        + $"{Size} bytes per message, {Depth} in flight";
}
