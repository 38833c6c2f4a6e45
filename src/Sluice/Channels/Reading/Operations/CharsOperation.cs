using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>
/// Reads the characters that are available and fit into the destination, without an incomplete one at the end; 0 at the end of the stream. If the
/// first one does not fit, the decoder keeps its rest.
/// </summary>
/// <param name="options">The encoding.</param>
/// <param name="decoder">Decodes the characters.</param>
/// <param name="destination">Receives the characters. Not empty.</param>
/// <param name="peek">Whether to consume nothing.</param>
internal readonly struct CharsOperation(LineReadOptions options, CharDecoder decoder, Memory<char> destination, bool peek) : IReadOperation<int>
{
    // More bytes than a character has in any encoding.
    private const int Longest = 8;
    private const int Utf8 = 65001;

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out int result)
    {
        int skip = context.Position == 0 ? options.Mark.Measure(buffered, out _) : 0;
        return TryTake(buffered.Slice(skip), skip, ref context, out result);
    }

    private bool TryTake(in ReadOnlySequence<byte> buffered, int skip, ref ReadContext context, out int result)
    {
        Span<char> room = destination.Span;
        long bulk = Boundary(buffered, Math.Min(buffered.Length, MostInvalid(room) - 1) - Longest);
        result = bulk > 0 ? DecodeBulk(buffered.Slice(0, bulk), room) : 0;
        long whole = DecodeTail(buffered, bulk, room, context.Ended, ref result);
        bool done = result > 0 || context.Ended;

        // Also without a result: invalid bytes that the caller's fallback replaces by nothing.
        context.Consumed = peek || (whole == 0 && !done) ? 0 : skip + whole;
        return done;
    }

    // How many invalid bytes there is room for.
    private int MostInvalid(ReadOnlySpan<char> room) => room.Length / Math.Max(options.Encoding.DecoderFallback.MaxCharCount, 1);

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
        decoder.Reset();
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            count += decoder.Decode(segment.Span, room[count..], flush: false);
        }

        // A new character starts at the boundary: an incomplete one before it stays incomplete.
        return count + decoder.Decode([], room[count..], flush: true);
    }

    // Decodes one character after another, to see which bytes each of them has. Returns the number of bytes of all of them.
    private long DecodeTail(in ReadOnlySequence<byte> buffered, long from, Span<char> room, bool ended, ref int count)
    {
        Span<byte> copy = stackalloc byte[CharDecoder.Window];
        int unit = options.EndingFinder.Unit;
        long whole = from;
        while (count < room.Length && (count == 0 || whole - from <= 2 * Longest))
        {
            ReadOnlySpan<byte> next = Window(buffered.Slice(whole), copy);
            int added = decoder.Take(next, unit, ended, room[count..], cuts: count == 0, peek, out int length);
            if (length == 0)
            {
                break;
            }

            whole += length;
            count += added;
        }

        return whole;
    }

    // The first bytes, in one piece.
    private static ReadOnlySpan<byte> Window(in ReadOnlySequence<byte> bytes, Span<byte> copy)
    {
        int length = (int)Math.Min(bytes.Length, copy.Length);
        if (bytes.FirstSpan.Length >= length)
        {
            return bytes.FirstSpan[..length];
        }

        bytes.Slice(0, length).CopyTo(copy);
        return copy[..length];
    }
}
