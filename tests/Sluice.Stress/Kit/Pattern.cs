namespace Sluice.Stress.Kit;

/// <summary>Bytes that follow from their place in the stream, so that a byte lost, doubled or moved shows. One in 256 is an LF.</summary>
internal static class Pattern
{
    // A prime, so that no buffer's size divides it.
    private const int Period = 65_521;

    /// <summary>More than any single write or read here.</summary>
    public const int Longest = 256 * 1024;

    private static readonly byte[] s_bytes = Create();

    /// <summary>All there is before it begins again.</summary>
    public static ReadOnlyMemory<byte> All => s_bytes;

    /// <summary>Where in <see cref="All"/> a place of a stream is.</summary>
    public static long PlaceOf(long position) => position % Period;

    /// <summary>What a stream has from a place on, at most <see cref="Longest"/> bytes.</summary>
    public static ReadOnlyMemory<byte> At(long position, int length) => s_bytes.AsMemory((int)(position % Period), length);

    /// <summary>Checks bytes of a stream that begin at a place.</summary>
    /// <exception cref="WrongBytesException">They are not the stream's.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, long position)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> part = bytes[..Math.Min(bytes.Length, Longest)];
            int same = part.CommonPrefixLength(At(position, part.Length).Span);
            if (same < part.Length)
            {
                throw new WrongBytesException($"The byte at {position + same} is 0x{part[same]:x2} and not 0x{At(position + same, 1).Span[0]:x2}; of {part.Length - same} bytes, {Where(part[same..], position + same)}.");
            }

            position += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    // Which bytes of the stream they are instead: lost, doubled, or foreign.
    private static string Where(ReadOnlySpan<byte> bytes, long position)
    {
        ReadOnlySpan<byte> some = bytes[..Math.Min(bytes.Length, 12)];
        int place = s_bytes.AsSpan(0, Period + 12).IndexOf(some);
        return place < 0 ? $"which are none of the stream's: {Convert.ToHexString(some)}" : $"which are those of {place} in the pattern, where {PlaceOf(position)} belongs";
    }

    private static byte[] Create()
    {
        byte[] bytes = new byte[Period + Longest];
        new Random(1).NextBytes(bytes.AsSpan(0, Period));

        // A line ends with LF alone, so that its ending is one byte.
        bytes.AsSpan(0, Period).Replace((byte)'\r', (byte)'r');
        for (int i = Period; i < bytes.Length; i++)
        {
            bytes[i] = bytes[i - Period];
        }

        return bytes;
    }
}
