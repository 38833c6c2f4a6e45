using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>
/// Characters, as many as are there and find room, without the bytes of one that has not come whole; 0 at the end. There is room for two at
/// least: a pair of surrogates comes out together.
/// </summary>
/// <param name="decoder">Where the characters come from. It keeps nothing from one read to the next.</param>
/// <param name="destination">Where to put them.</param>
/// <param name="unit">How many bytes a character has at least.</param>
/// <param name="single">Only the first one, or pair.</param>
/// <param name="peek">Consume nothing.</param>
internal readonly struct CharsStep(Decoder decoder, Memory<char> destination, int unit, bool single, bool peek) : IReadStep<int>
{
    // The longest that a character gets in any encoding, and some.
    private const int Longest = 8;

    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out int result)
    {
        Span<char> room = destination.Span;
        decoder.Reset();
        long bulk = single ? 0 : Math.Max(0, Math.Min(buffered.Length, room.Length - 1) - Longest);
        result = DecodeBulk(buffered.Slice(0, bulk), room);
        long whole = DecodeTail(buffered, bulk, room, ref result);
        if (result == 0 && taking.Ended)
        {
            // Half a character at the end, if anything.
            result = decoder.GetChars([], room, flush: true);
            whole = buffered.Length;
        }

        taking.Consumed = peek ? 0 : whole;
        return result > 0 || taking.Ended;
    }

    private int DecodeBulk(in ReadOnlySequence<byte> bytes, Span<char> room)
    {
        int count = 0;
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            count += decoder.GetChars(segment.Span, room[count..], flush: false);
        }

        return count;
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
                if (added > 1 && !char.IsSurrogatePair(room[count], room[count + 1]))
                {
                    // Bytes that were no character, and the first one after them: that comes next time.
                    count++;
                    return at - unit;
                }

                count += added;
                whole = added > 0 ? at : whole;
                if (room.Length - count < 2 || (single && count > 0) || at - from > 2 * Longest)
                {
                    return whole;
                }
            }
        }

        return whole;
    }
}
