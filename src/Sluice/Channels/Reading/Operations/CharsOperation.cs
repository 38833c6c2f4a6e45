using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading.Operations;

/// <summary>
/// Reads the characters that are available and fit into the destination, without an incomplete one at the end; 0 at the end of the stream. The
/// destination has room for two at least, because a surrogate pair is decoded as one.
/// </summary>
/// <param name="options">The encoding.</param>
/// <param name="decoder">Decodes the characters. It keeps no state from one read to the next.</param>
/// <param name="destination">Receives the characters.</param>
/// <param name="single">Whether to read only the first character or surrogate pair.</param>
/// <param name="peek">Whether to consume nothing.</param>
internal readonly struct CharsOperation(LineReadOptions options, Decoder decoder, Memory<char> destination, bool single, bool peek) : IReadOperation<int>
{
    // More bytes than a character has in any encoding.
    private const int Longest = 8;
    private const int Utf8 = 65001;

    private int Unit => options.EndingFinder.Unit;

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out int result)
    {
        int skip = context.Position == 0 ? options.Mark.Measure(buffered, out _) : 0;
        return TryTake(buffered.Slice(skip), skip, ref context, out result);
    }

    private bool TryTake(in ReadOnlySequence<byte> buffered, int skip, ref ReadContext context, out int result)
    {
        Span<char> room = destination.Span;
        decoder.Reset();
        long bulk = single ? 0 : Boundary(buffered, Math.Min(buffered.Length, room.Length - 1) - Longest);
        result = DecodeBulk(buffered.Slice(0, bulk), room);
        long whole = DecodeTail(buffered, bulk, room, ref result);
        if (result == 0 && context.Ended)
        {
            // The stream ends within a character, or without one.
            result = decoder.GetChars([], room, flush: true);
            whole = buffered.Length;
        }

        bool done = result > 0 || context.Ended;
        context.Consumed = peek || !done ? 0 : skip + whole;
        return done;
    }

    // Finds the start of a character at or shortly before an offset; 0 if the encoding does not show it.
    private long Boundary(in ReadOnlySequence<byte> buffered, long at)
    {
        if (at <= 0 || options.Encoding.IsSingleByte)
        {
            return Math.Max(at, 0);
        }

        if (options.Encoding.CodePage != Utf8)
        {
            return 0;
        }

        // Four continuation bytes in a row cannot belong to one character (RFC 3629): the text is invalid, and any offset serves.
        for (long i = at; i > Math.Max(at - 4, 0); i--)
        {
            if ((buffered.Slice(i).FirstSpan[0] & 0xC0) != 0x80)
            {
                return i;
            }
        }

        return at >= 4 ? at : 0;
    }

    private int DecodeBulk(in ReadOnlySequence<byte> bytes, Span<char> room)
    {
        int count = 0;
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            count += decoder.GetChars(segment.Span, room[count..], flush: false);
        }

        // A new character starts at the boundary: an incomplete one before it stays incomplete.
        return count + decoder.GetChars([], room[count..], flush: true);
    }

    // Decodes byte by byte, to see which bytes end a character. Returns the number of bytes of all whole characters.
    private long DecodeTail(in ReadOnlySequence<byte> buffered, long from, Span<char> room, ref int count)
    {
        long whole = from;
        long at = from;
        foreach (ReadOnlyMemory<byte> segment in buffered.Slice(from))
        {
            for (int i = 0; i < segment.Length; i++)
            {
                int added = decoder.GetChars(segment.Span.Slice(i, 1), room[count..], flush: false);
                at++;
                if (added > 1 && at - whole > Unit && !char.IsSurrogatePair(room[count], room[count + 1]))
                {
                    // Invalid bytes, and the first character after them: the next read takes that one.
                    count++;
                    return at - Unit;
                }

                count += added;
                if (added > 0)
                {
                    whole = IsOver(buffered.Slice(whole, at - whole), added) ? at : at - Unit;
                }

                if (room.Length - count < 2 || (single && count > 0) || at - from > 2 * Longest)
                {
                    return whole;
                }
            }
        }

        return whole;
    }

    // A decoder may report invalid bytes only at the first byte of the next character, which is then incomplete: true if the bytes end with a
    // whole character.
    private bool IsOver(in ReadOnlySequence<byte> bytes, int count)
    {
        Span<byte> copy = stackalloc byte[(int)bytes.Length];
        bytes.CopyTo(copy);
        return copy.Length <= Unit || options.Encoding.GetCharCount(copy) == count;
    }
}
