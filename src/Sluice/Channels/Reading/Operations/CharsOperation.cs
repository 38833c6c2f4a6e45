using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading.Operations;

/// <summary>
/// Characters, as many as are there and find room, without the bytes of one that has not come whole; 0 at the end. There is room for two at
/// least: a pair of surrogates comes out together.
/// </summary>
/// <param name="options">The encoding.</param>
/// <param name="decoder">Where the characters come from. It keeps nothing from one read to the next.</param>
/// <param name="destination">Where to put them.</param>
/// <param name="single">Only the first one, or pair.</param>
/// <param name="peek">Consume nothing.</param>
internal readonly struct CharsOperation(LineReadOptions options, Decoder decoder, Memory<char> destination, bool single, bool peek) : IReadOperation<int>
{
    // The longest that a character gets in any encoding, and some.
    private const int Longest = 8;
    private const int Utf8 = 65001;

    private int Unit => options.Scanner.Unit;

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
            // Half a character at the end, if anything.
            result = decoder.GetChars([], room, flush: true);
            whole = buffered.Length;
        }

        bool done = result > 0 || context.Ended;
        context.Consumed = peek || !done ? 0 : skip + whole;
        return done;
    }

    // Where a character begins, at or shortly before a place; 0 where that cannot be told.
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

        // After four bytes that continue a character, none of which begins one, it is over.
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

        // What is not complete here never will be: another character begins.
        return count + decoder.GetChars([], room[count..], flush: true);
    }

    // Byte by byte, to see which of them end a character. Returns how many bytes all whole characters have.
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
                    // Bytes that were no character, and the first one after them: that comes next time.
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

    // Bytes that are no character may be told at the first byte of the next, which then waits for the rest of its own.
    private bool IsOver(in ReadOnlySequence<byte> bytes, int count)
    {
        Span<byte> copy = stackalloc byte[(int)bytes.Length];
        bytes.CopyTo(copy);
        return copy.Length <= Unit || options.Encoding.GetCharCount(copy) == count;
    }
}
