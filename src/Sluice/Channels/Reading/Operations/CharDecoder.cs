using System.Text;

namespace Sluice.Channels.Reading.Operations;

/// <summary>
/// Decodes one character after another: a character or surrogate pair, or the text that replaces one invalid sequence. Keeps no byte from one call
/// to the next. Used by the reader of a text view.
/// </summary>
internal sealed class CharDecoder
{
    /// <summary>More bytes than one character has in any encoding, and the next one, which shows that this one is invalid.</summary>
    public const int Window = 16;

    // Not a character (Unicode 23.7), so that texts hardly ever have it. If one does, only the fast way is lost.
    private const char Invalid = '\uFFFF';

    private const int MostChars = 64;

    private readonly Encoding _encoding;
    private readonly Decoder _decoder;

    // Shows where characters end: it replaces each invalid sequence by one character. The fallback of the caller may have none for it, or several.
    private readonly Decoder _probe;

    public CharDecoder(Encoding encoding)
    {
        _encoding = encoding;
        var probe = (Encoding)encoding.Clone();
        probe.DecoderFallback = new DecoderReplacementFallback(Invalid.ToString());
        _probe = probe.GetDecoder();
        _decoder = encoding.GetDecoder();
    }

    /// <summary>Gets or sets the characters whose bytes are consumed, and which did not fit into the destination.</summary>
    public ReadOnlyMemory<char> Rest { get; set; }

    /// <summary>Decodes bytes that end with a character.</summary>
    public int Decode(ReadOnlySpan<byte> bytes, Span<char> to, bool flush) => _decoder.GetChars(bytes, to, flush);

    /// <summary>Starts anew.</summary>
    public void Reset() => _decoder.Reset();

    /// <summary>Decodes the first character.</summary>
    /// <param name="bytes">The bytes to come, at most <see cref="Window"/>.</param>
    /// <param name="unit">The number of bytes of the shortest character, and the step from one to another.</param>
    /// <param name="ended">Whether no more bytes come than these, if there are fewer than <see cref="Window"/>.</param>
    /// <param name="room">Receives the character.</param>
    /// <param name="cuts">Whether to cut it off if it does not fit.</param>
    /// <param name="peek">Whether to forget what was cut off, instead of keeping it in <see cref="Rest"/>.</param>
    /// <param name="length">How many bytes it has; 0 if more have to come, or if it does not fit.</param>
    /// <returns>How many characters are in the room.</returns>
    public int Take(ReadOnlySpan<byte> bytes, int unit, bool ended, Span<char> room, bool cuts, bool peek, out int length)
    {
        Span<char> chars = stackalloc char[MostChars];
        length = Measure(bytes, unit, ended, chars, out int count);
        if (length == 0)
        {
            return 0;
        }

        if (count == 0)
        {
            int most = _encoding.GetMaxCharCount(length);
            chars = most <= MostChars ? chars : new char[most];
            count = DecodeAll(_decoder, bytes[..length], chars);
        }

        if (count > room.Length && !cuts)
        {
            length = 0;
            return 0;
        }

        int fits = Math.Min(count, room.Length);
        chars[..fits].CopyTo(room);
        if (fits < count && !peek)
        {
            Rest = chars[fits..count].ToArray();
        }

        return fits;
    }

    // The end in a call of its own, as StreamReader does it: for incomplete bytes at the end, the framework's GB18030 has fewer characters otherwise.
    private static int DecodeAll(Decoder decoder, ReadOnlySpan<byte> bytes, Span<char> to)
    {
        decoder.Reset();
        int count = decoder.GetChars(bytes, to, flush: false);
        return count + decoder.GetChars([], to[count..], flush: true);
    }

    private static bool IsCharacter(ReadOnlySpan<char> chars) =>
        chars.Length == 1 || (chars.Length == 2 && char.IsSurrogatePair(chars[0], chars[1]));

    // Finds the number of bytes of the first character; 0 if more bytes have to come. If it is valid, also the character itself.
    private int Measure(ReadOnlySpan<byte> bytes, int unit, bool ended, Span<char> chars, out int count)
    {
        for (int end = unit; end <= bytes.Length; end += unit)
        {
            count = Probe(bytes[..end], chars);
            if (count == 0)
            {
                continue;
            }

            if (IsCharacter(chars[..count]) && IsWhole(bytes[..end], chars[..count]))
            {
                count = chars[0] == Invalid ? 0 : count;
                return end;
            }

            int length = FirstCut(bytes[..end], unit, chars[..count]);
            if (length > 0)
            {
                count = 0;
                return length;
            }
        }

        count = 0;
        return ended || bytes.Length == Window ? bytes.Length : 0;
    }

    private bool IsWhole(ReadOnlySpan<byte> bytes, ReadOnlySpan<char> expected)
    {
        Span<char> chars = stackalloc char[MostChars];
        return chars[..DecodeAll(_probe, bytes, chars)].SequenceEqual(expected);
    }

    // A decoder may find out late that bytes are invalid, and then has decoded others after them: finds the first place from where a decoder that
    // knows none of the bytes before it comes to the same result.
    private int FirstCut(ReadOnlySpan<byte> bytes, int unit, ReadOnlySpan<char> expected)
    {
        Span<char> chars = stackalloc char[2 * MostChars];
        for (int cut = unit; cut <= bytes.Length; cut += unit)
        {
            int count = DecodeAll(_probe, bytes[..cut], chars);
            count += Probe(bytes[cut..], chars[count..]);
            if (chars[..count].SequenceEqual(expected))
            {
                return cut;
            }
        }

        return 0;
    }

    private int Probe(ReadOnlySpan<byte> bytes, Span<char> to)
    {
        _probe.Reset();
        return _probe.GetChars(bytes, to, flush: false);
    }
}
