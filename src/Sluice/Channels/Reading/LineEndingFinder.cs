using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>Finds the ends of lines, in any encoding.</summary>
internal sealed class LineEndingFinder
{
    private readonly byte[] _lineFeed;
    private readonly byte[] _carriageReturn;
    private readonly bool _lenient;

    // Whether an ending is found by its LF byte alone.
    private readonly bool _isPlain;

    public LineEndingFinder(Encoding encoding, LineEnding ending)
    {
        _lineFeed = encoding.GetBytes("\n");
        _carriageReturn = encoding.GetBytes("\r");
        _lenient = ending == LineEnding.Lenient;
        _isPlain = !_lenient && _lineFeed.Length == 1;
    }

    /// <summary>
    /// Gets the number of bytes of CR and of LF: 1, or 2 and 4 for UTF-16 and UTF-32, whose characters start at multiples of it.
    /// </summary>
    public int Unit => _lineFeed.Length;

    public bool IsLenient => _lenient;

    /// <summary>Whether <paramref name="bytes"/> begin with LF.</summary>
    public bool StartsWithLineFeed(in ReadOnlySequence<byte> bytes) => HasAt(bytes, 0, _lineFeed);

    /// <summary>Finds the first ending at or after <paramref name="from"/>, a multiple of <see cref="Unit"/>.</summary>
    /// <param name="bytes">The bytes that have come, from the start of the line.</param>
    /// <param name="from">The offset to search from.</param>
    /// <param name="length">The number of bytes of the line without its ending.</param>
    /// <param name="consumed">The number of bytes of the line with its ending.</param>
    /// <param name="openReturn">Whether the ending is a CR at the end of <paramref name="bytes"/>: an LF that follows belongs to it.</param>
    public bool TryFind(in ReadOnlySequence<byte> bytes, long from, out long length, out long consumed, out bool openReturn)
    {
        openReturn = false;
        if (TryFind(bytes.FirstSpan, (int)Math.Min(from, int.MaxValue), out int found, out int taken))
        {
            length = found;
            consumed = taken;
            return true;
        }

        length = IndexOfEnding(bytes, from);
        consumed = length + Unit;
        if (length < 0)
        {
            return false;
        }

        if (_lenient && HasAt(bytes, length, _carriageReturn))
        {
            if (HasAt(bytes, consumed, _lineFeed))
            {
                consumed += Unit;
            }
            else
            {
                openReturn = bytes.Length - consumed < Unit;
            }
        }
        else if (HasAt(bytes, length - Unit, _carriageReturn))
        {
            length -= Unit;
        }

        return true;
    }

    /// <summary>
    /// Finds the first ending at or after <paramref name="from"/> in the first bytes of a line. The most frequent case by far: one byte a
    /// character, an ending that starts with LF or CR LF, and the whole line in one segment. False in every other case.
    /// </summary>
    public bool TryFind(ReadOnlySpan<byte> bytes, int from, out int length, out int consumed)
    {
        int found = _isPlain && from < bytes.Length ? bytes[from..].IndexOf(_lineFeed[0]) : -1;
        if (found < 0)
        {
            length = 0;
            consumed = 0;
            return false;
        }

        found += from;
        consumed = found + 1;
        length = found > 0 && bytes[found - 1] == _carriageReturn[0] ? found - 1 : found;
        return true;
    }

    /// <summary>
    /// Whether the bytes that have come, which hold no ending, exceed the limit of a line even if the last character is the CR of a CR LF.
    /// </summary>
    public bool IsOver(in ReadOnlySequence<byte> bytes, long limit)
    {
        // In whole characters: an incomplete one may be part of the ending.
        limit -= limit % Unit;
        long over = bytes.Length - (bytes.Length % Unit) - limit;
        return over > Unit || (over == Unit && !HasAt(bytes, limit, _carriageReturn));
    }

    private static bool HasAt(in ReadOnlySequence<byte> bytes, long offset, byte[] pattern)
    {
        if (offset < 0 || offset + pattern.Length > bytes.Length)
        {
            return false;
        }

        if (bytes.IsSingleSegment)
        {
            return bytes.FirstSpan.Slice((int)offset, pattern.Length).SequenceEqual(pattern);
        }

        Span<byte> there = stackalloc byte[pattern.Length];
        bytes.Slice(offset, pattern.Length).CopyTo(there);
        return there.SequenceEqual(pattern);
    }

    private long IndexOfEnding(in ReadOnlySequence<byte> bytes, long from)
    {
        if (Unit != 1)
        {
            return IndexOfWideEnding(bytes, from);
        }

        if (bytes.IsSingleSegment)
        {
            int found = IndexOfEnding(bytes.FirstSpan[(int)from..]);
            return found < 0 ? -1 : from + found;
        }

        long offset = from;
        foreach (ReadOnlyMemory<byte> segment in bytes.Slice(from))
        {
            int found = IndexOfEnding(segment.Span);
            if (found >= 0)
            {
                return offset + found;
            }

            offset += segment.Length;
        }

        return -1;
    }

    private int IndexOfEnding(ReadOnlySpan<byte> span) => _lenient ? span.IndexOfAny(_lineFeed[0], _carriageReturn[0]) : span.IndexOf(_lineFeed[0]);

    private long IndexOfWideEnding(in ReadOnlySequence<byte> bytes, long from)
    {
        ReadOnlySequence<byte> rest = bytes.Slice(from);
        ReadOnlySpan<byte> span = rest.IsSingleSegment ? rest.FirstSpan : rest.ToArray();
        for (int i = 0; i + Unit <= span.Length; i += Unit)
        {
            ReadOnlySpan<byte> character = span.Slice(i, Unit);
            if (character.SequenceEqual(_lineFeed) || (_lenient && character.SequenceEqual(_carriageReturn)))
            {
                return from + i;
            }
        }

        return -1;
    }
}
