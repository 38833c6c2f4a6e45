using System.Buffers.Binary;

namespace Sluice.TestKit;

/// <summary>Bytes that follow from their place in the stream, so that a byte lost, doubled or moved shows.</summary>
internal static class Pattern
{
    public static byte[] Bytes(int length, long from = 0)
    {
        // Whole words, and then the part of them that is wanted.
        int skipped = (int)(from % sizeof(ulong));
        byte[] words = new byte[(skipped + length + sizeof(ulong) - 1) / sizeof(ulong) * sizeof(ulong)];
        for (int i = 0; i < words.Length; i += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(words.AsSpan(i), Mix((ulong)((from + i) / sizeof(ulong))));
        }

        return skipped == 0 && words.Length == length ? words : words.AsSpan(skipped, length).ToArray();
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
