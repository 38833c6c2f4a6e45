namespace Sluice.Cli.Bench;

/// <summary>An endless, repeating sequence of bytes. Each slice of it is contiguous.</summary>
internal sealed class Cycle
{
    // A prime, so that a lost or duplicated message of any size shifts the bytes that follow.
    private const int RawPeriod = 65_521;
    private const int LineCount = 61;
    private const int LeastLines = 7;
    private const int MostLineBytes = 256 * 1024;

    private readonly byte[] _bytes;
    private readonly int _period;

    /// <param name="period">The bytes that repeat.</param>
    /// <param name="longest">The length of the longest slice.</param>
    private Cycle(byte[] period, int longest)
    {
        _period = period.Length;
        _bytes = new byte[period.Length + longest];
        for (int at = 0; at < _bytes.Length; at += period.Length)
        {
            period.AsSpan(0, Math.Min(period.Length, _bytes.Length - at)).CopyTo(_bytes.AsSpan(at));
        }
    }

    /// <summary>Creates a sequence of random bytes.</summary>
    public static Cycle OfBytes(int longest)
    {
        byte[] period = new byte[RawPeriod];
        new Random(1).NextBytes(period);
        return new Cycle(period, longest);
    }

    /// <summary>Creates a sequence of lines of <paramref name="length"/> characters, each followed by <paramref name="ending"/>.</summary>
    public static Cycle OfLines(int length, ReadOnlySpan<byte> ending, int longest)
    {
        // Long lines are fewer, so that the sequence is ready at once.
        int count = Math.Clamp(MostLineBytes / (length + ending.Length), LeastLines, LineCount);
        byte[] characters = new byte[length + count];
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = (byte)('!' + (i % ('~' - '!')));
        }

        byte[] period = new byte[count * (length + ending.Length)];
        Span<byte> rest = period;
        for (int line = 0; line < count; line++)
        {
            characters.AsSpan(line, length).CopyTo(rest);
            ending.CopyTo(rest[length..]);
            rest = rest[(length + ending.Length)..];
        }

        return new Cycle(period, longest);
    }

    public ReadOnlyMemory<byte> Slice(long position, int count) => _bytes.AsMemory((int)(position % _period), count);

    /// <summary>Counts how many of <paramref name="bytes"/> match the sequence from <paramref name="position"/> on.</summary>
    public int CountEqual(long position, ReadOnlySpan<byte> bytes)
    {
        int equal = 0;
        while (equal < bytes.Length)
        {
            int start = (int)((position + equal) % _period);
            ReadOnlySpan<byte> piece = bytes[equal..];
            piece = piece[..Math.Min(piece.Length, _bytes.Length - start)];
            int same = piece.CommonPrefixLength(_bytes.AsSpan(start, piece.Length));
            equal += same;
            if (same < piece.Length)
            {
                break;
            }
        }

        return equal;
    }
}
