using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Finds a delimiter, which may be spread over several segments.</summary>
internal static class Delimiter
{
    private const int ShortSeam = 256;

    public static void ThrowIfEmpty(ReadOnlyMemory<byte> delimiter)
    {
        if (delimiter.IsEmpty)
        {
            throw new ArgumentException("A delimiter has at least one byte.", nameof(delimiter));
        }
    }

    /// <summary>Returns the offset of the first delimiter at or after <paramref name="from"/>; -1 if there is none.</summary>
    public static long IndexOf(in ReadOnlySequence<byte> bytes, long from, ReadOnlySpan<byte> delimiter)
    {
        ReadOnlySequence<byte> rest = bytes.Slice(from);
        while (true)
        {
            ReadOnlySpan<byte> span = rest.FirstSpan;
            int found = span.IndexOf(delimiter);
            if (found >= 0)
            {
                return from + found;
            }

            if (rest.IsSingleSegment)
            {
                return -1;
            }

            int tail = Math.Min(span.Length, delimiter.Length - 1);
            found = IndexInSeam(rest.Slice(span.Length - tail), tail, delimiter);
            if (found >= 0)
            {
                return from + span.Length - tail + found;
            }

            from += span.Length;
            rest = rest.Slice(span.Length);
        }
    }

    // Finds a delimiter that starts in the last bytes of a segment and ends in another one.
    private static int IndexInSeam(in ReadOnlySequence<byte> bytes, int tail, ReadOnlySpan<byte> delimiter)
    {
        int length = (int)Math.Min(bytes.Length, tail + delimiter.Length - 1);
        if (tail == 0 || length < delimiter.Length)
        {
            return -1;
        }

        byte[]? rented = length > ShortSeam ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> seam = rented ?? stackalloc byte[ShortSeam];
        seam = seam[..length];
        bytes.Slice(0, length).CopyTo(seam);
        int found = seam.IndexOf(delimiter);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return found;
    }
}
