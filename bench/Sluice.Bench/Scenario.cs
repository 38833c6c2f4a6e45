namespace Sluice.Bench;

/// <summary>What the load does.</summary>
internal sealed record Scenario(string Name, ScenarioKind Kind, EchoMode Mode, int Connections, int Size, int Depth)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("raw-1", ScenarioKind.Echo, EchoMode.Raw, 1, 64, 1),
        new("raw-64", ScenarioKind.Echo, EchoMode.Raw, 64, 64, 1),
        new("raw-1000", ScenarioKind.Echo, EchoMode.Raw, 1000, 64, 1),
        new("raw-64-deep-16", ScenarioKind.Echo, EchoMode.Raw, 64, 64, 16),
        new("raw-8-64KiB", ScenarioKind.Echo, EchoMode.Raw, 8, 64 * 1024, 1),
        new("line-64", ScenarioKind.Echo, EchoMode.Lines, 64, 64, 1),
        new("line-64-deep-16", ScenarioKind.Echo, EchoMode.Lines, 64, 64, 16),
        new("connect", ScenarioKind.Connect, EchoMode.Raw, 64, 64, 1),
        new("idle-5000", ScenarioKind.Idle, EchoMode.Lines, 5000, 64, 1),
    ];

    public string Title => Kind switch
    {
        ScenarioKind.Connect => $"connect, echo {Size} bytes, reset; {Connections} at a time",
        ScenarioKind.Idle => $"memory of {Connections} connections that have echoed a line and wait for the next",
        _ => $"{(Mode == EchoMode.Lines ? "line" : "raw")} echo: {Connections} connection{(Connections == 1 ? "" : "s")}, "
            + $"{Size} bytes a message, {Depth} in flight",
    };

    public string Unit => Kind switch
    {
        ScenarioKind.Connect => "connections/s",
        ScenarioKind.Idle => "bytes/connection",
        _ => "messages/s",
    };
}
