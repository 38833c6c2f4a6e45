namespace Sluice.Bench;

/// <summary>What the load does.</summary>
internal sealed record EchoScenario(string Name, int Connections, int Size, int Depth)
{
    public static IReadOnlyList<EchoScenario> All { get; } =
    [
        new("raw-1", 1, 64, 1),
        new("raw-64", 64, 64, 1),
        new("raw-1000", 1000, 64, 1),
        new("raw-64-deep-16", 64, 64, 16),
        new("raw-8-64KiB", 8, 64 * 1024, 1),
    ];
}
