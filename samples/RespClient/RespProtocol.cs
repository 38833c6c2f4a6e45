using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Sluice;
using Sluice.Client;

namespace RespClient;

/// <summary>The Redis protocol: a request is an array of strings, and the replies come in the order of the requests.</summary>
internal sealed class RespProtocol : IPipelinedProtocol<string[], RespValue>
{
    // No reply of Redis has values in values in values so deep. A stack is not endless, and its overflow ends the process.
    private const int MaxDepth = 64;

    public long MaxBuffered => 512 * 1024 * 1024;

    public void Encode(string[] frame, IBufferWriter<byte> output)
    {
        WriteHeader(output, '*', frame.Length);
        foreach (string argument in frame)
        {
            int length = Encoding.UTF8.GetByteCount(argument);
            WriteHeader(output, '$', length);
            Span<byte> bytes = output.GetSpan(length + 2);
            Encoding.UTF8.GetBytes(argument, bytes);
            "\r\n"u8.CopyTo(bytes[length..]);
            output.Advance(length + 2);
        }
    }

    public bool TryDecode(in FrameInput input, out RespValue frame, out long consumed)
    {
        var reader = new SequenceReader<byte>(input.Buffered);
        bool isComplete = TryRead(ref reader, depth: 0, out frame);
        consumed = reader.Consumed;
        return isComplete;
    }

    public bool IsPush(RespValue message) => message.Kind == '>';

    private static void WriteHeader(IBufferWriter<byte> output, char kind, int length)
    {
        Span<byte> bytes = output.GetSpan(16);
        bytes[0] = (byte)kind;
        Utf8Formatter.TryFormat(length, bytes[1..], out int digits);
        "\r\n"u8.CopyTo(bytes[(1 + digits)..]);
        output.Advance(digits + 3);
    }

    private static bool TryRead(ref SequenceReader<byte> reader, int depth, out RespValue value)
    {
        value = default;
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        if (line.IsEmpty || depth > MaxDepth)
        {
            throw new InvalidDataException(line.IsEmpty ? "A RESP value was expected instead of an empty line." : $"More than {MaxDepth} values are nested.");
        }

        char kind = (char)line.FirstSpan[0];
        line = line.Slice(1);
        switch (kind)
        {
            case '+' or '-' or ',' or '(' or '#':
                value = new RespValue(kind, Bytes: line.ToArray());
                return true;
            case '_':
                value = new RespValue(kind);
                return true;
            case ':':
                value = new RespValue(kind, ParseNumber(line));
                return true;
            case '$' or '=' or '!':
                return TryReadBytes(ref reader, kind, ParseNumber(line), out value);
            case '*' or '~' or '>' or '%':
                return TryReadItems(ref reader, kind, Math.Min(ParseNumber(line), int.MaxValue) * (kind == '%' ? 2 : 1), depth, out value);
            default:
                throw new InvalidDataException($"'{kind}' begins no RESP value.");
        }
    }

    private static bool TryReadBytes(ref SequenceReader<byte> reader, char kind, long length, out RespValue value)
    {
        value = new RespValue(length < 0 ? '_' : kind);
        if (length < 0 || reader.Remaining - 2 < length)
        {
            return length < 0;
        }

        value = value with { Bytes = reader.UnreadSequence.Slice(0, length).ToArray() };
        reader.Advance(length + 2);
        return true;
    }

    private static bool TryReadItems(ref SequenceReader<byte> reader, char kind, long count, int depth, out RespValue value)
    {
        value = new RespValue(count < 0 ? '_' : kind);
        if (count < 0)
        {
            return true;
        }

        var items = new List<RespValue>();
        while (items.Count < count)
        {
            if (!TryRead(ref reader, depth + 1, out RespValue item))
            {
                return false;
            }

            items.Add(item);
        }

        value = value with { Items = [.. items] };
        return true;
    }

    private static long ParseNumber(ReadOnlySequence<byte> line) =>
        Utf8Parser.TryParse(line.IsSingleSegment ? line.FirstSpan : line.ToArray(), out long number, out _)
            ? number
            : throw new InvalidDataException("A number was expected.");
}
