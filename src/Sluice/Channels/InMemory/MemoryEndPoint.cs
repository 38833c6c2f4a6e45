using System.Net;

namespace Sluice.Channels.InMemory;

/// <summary>An end that no network knows: it has a name, and that is all.</summary>
internal sealed class MemoryEndPoint(string name) : EndPoint
{
    private static int s_pairs;

    /// <summary>The end of a connection of others, which do not say where it is.</summary>
    public static MemoryEndPoint Unknown { get; } = new("unknown");

    /// <summary>The ends of a connected pair, which differ from those of every other pair.</summary>
    public static (MemoryEndPoint First, MemoryEndPoint Second) CreatePair()
    {
        int number = Interlocked.Increment(ref s_pairs);
        return (new MemoryEndPoint($"memory:{number}/first"), new MemoryEndPoint($"memory:{number}/second"));
    }

    public override string ToString() => name;
}
