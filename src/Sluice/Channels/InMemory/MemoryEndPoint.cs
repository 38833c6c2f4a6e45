using System.Net;

namespace Sluice.Channels.InMemory;

/// <summary>Represents an end point in memory, which has only a name.</summary>
internal sealed class MemoryEndPoint(string name) : EndPoint
{
    private static int s_pairs;

    /// <summary>The end point of a user's connection that gives none.</summary>
    public static MemoryEndPoint Unknown { get; } = new("unknown");

    /// <summary>Creates the end points of a connected pair, which differ from those of every other pair.</summary>
    public static (MemoryEndPoint First, MemoryEndPoint Second) CreatePair()
    {
        int number = Interlocked.Increment(ref s_pairs);
        return (new MemoryEndPoint($"memory:{number}/first"), new MemoryEndPoint($"memory:{number}/second"));
    }

    public override string ToString() => name;
}
