namespace Sluice.Faults.Limiting;

/// <summary>A kind of peers that make a server hold memory.</summary>
/// <param name="Name">The name in the report.</param>
/// <param name="Listener">Which listener of the line server they connect to.</param>
/// <param name="Length">How many bytes each peer sends.</param>
/// <param name="Held">How many bytes a connection may hold by the library's documented limits.</param>
internal sealed record MemoryCase(string Name, int Listener, int Length, int Held)
{
    // A segment that receives is at most so long, and the limit of a line may end in the middle of it.
    private const int LargestSegment = 64 * 1024;

    public static IReadOnlyList<MemoryCase> All { get; } =
    [
        new("peers that never read", 3, 0, ByteWriteChannel.HighWaterMark),
        new("peers that never finish a line", 0, LineReadOptions.DefaultMaxLength - 1, LineReadOptions.DefaultMaxLength + LargestSegment),
    ];
}
