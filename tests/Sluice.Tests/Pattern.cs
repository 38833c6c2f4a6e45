using System.Buffers.Binary;

namespace Sluice.Tests;

/// <summary>Bytes that follow from their place in the stream, so that a byte lost, doubled or moved shows.</summary>
internal static class Pattern
{
    public static byte[] Bytes(int length, long from = 0)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = At(from + i);
        }

        return bytes;
    }

    public static byte At(long offset)
    {
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(eight, Mix((ulong)(offset / sizeof(ulong))));
        return eight[(int)(offset % sizeof(ulong))];
    }

    /// <summary>Fails where <paramref name="bytes"/> are not what the stream has from <paramref name="from"/> on.</summary>
    public static void Check(ReadOnlySpan<byte> bytes, long from)
    {
        int same = bytes.CommonPrefixLength(Bytes(bytes.Length, from));
        if (same != bytes.Length)
        {
            Assert.Fail($"The byte at {from + same} is not the one that was sent.");
        }
    }

    // SplitMix64.
    private static ulong Mix(ulong index)
    {
        ulong mixed = (index + 1) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
