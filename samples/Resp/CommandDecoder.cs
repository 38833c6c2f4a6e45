using System.Buffers;
using System.Buffers.Text;
using Sluice;

namespace Resp;

/// <summary>
/// Reads commands: arrays of strings, or a line of words, as from a terminal. One for each connection, since it reuses its command.
/// </summary>
internal sealed class CommandDecoder : IFrameDecoder<Command>
{
    private const int MaxArguments = 1024 * 1024;
    private const int MaxLine = 64 * 1024;

    private readonly Command _command = new();

    public long MaxBuffered => 64 * 1024 * 1024;

    public bool TryDecode(in FrameInput input, out Command frame, out long consumed)
    {
        frame = _command;
        consumed = 0;
        if (input.Buffered.FirstSpan[0] != (byte)'*')
        {
            return TryDecodeWords(input, out consumed);
        }

        if (input.Buffered.IsSingleSegment)
        {
            return TryParse(input.Buffered.First, out consumed);
        }

        // A command that lies in several segments is copied, once it is complete.
        if (!TryMeasure(input.Buffered, out long length))
        {
            return false;
        }

        return TryParse(input.Buffered.Slice(0, length).ToArray(), out consumed);
    }

    private bool TryDecodeWords(in FrameInput input, out long consumed)
    {
        consumed = 0;
        if (input.Buffered.PositionOf((byte)'\n') is not { } end)
        {
            return input.Buffered.Length > MaxLine ? throw new InvalidDataException("too big inline request") : false;
        }

        byte[] line = input.Buffered.Slice(0, end).ToArray();
        consumed = line.Length + 1;
        _command.Clear(line);
        for (int at = 0; at < line.Length;)
        {
            int length = line.AsSpan(at).IndexOfAny(" \r"u8);
            length = length < 0 ? line.Length - at : length;
            if (length > 0)
            {
                _command.Add(at, length);
            }

            at += length + 1;
        }

        return true;
    }

    private bool TryParse(ReadOnlyMemory<byte> bytes, out long consumed)
    {
        consumed = 0;
        ReadOnlySpan<byte> span = bytes.Span;
        int at = 0;
        if (!TryReadNumber(span, (byte)'*', ref at, out int count))
        {
            return false;
        }

        ThrowIfNot(count <= MaxArguments, "invalid multibulk length");
        _command.Clear(bytes);
        for (int i = 0; i < count; i++)
        {
            if (!TryReadNumber(span, (byte)'$', ref at, out int length) || span.Length - at < length + 2)
            {
                return false;
            }

            ThrowIfNot(length >= 0, "invalid bulk length");
            _command.Add(at, length);
            at += length + 2;
        }

        consumed = at;
        return true;
    }

    // Skips the strings by their lengths, so a long one costs nothing each time that more of it has come.
    private static bool TryMeasure(ReadOnlySequence<byte> bytes, out long length)
    {
        var reader = new SequenceReader<byte>(bytes);
        length = 0;
        if (!TryReadNumber(ref reader, (byte)'*', out int count))
        {
            return false;
        }

        ThrowIfNot(count <= MaxArguments, "invalid multibulk length");
        for (int i = 0; i < count; i++)
        {
            if (!TryReadNumber(ref reader, (byte)'$', out int size) || reader.Remaining < size + 2)
            {
                return false;
            }

            ThrowIfNot(size >= 0, "invalid bulk length");
            reader.Advance(size + 2);
        }

        length = reader.Consumed;
        return true;
    }

    private static bool TryReadNumber(ref SequenceReader<byte> reader, byte kind, out int number)
    {
        number = 0;
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        int at = 0;
        return TryReadNumber([.. line.ToArray(), (byte)'\r', (byte)'\n'], kind, ref at, out number);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> bytes, byte kind, ref int at, out int number)
    {
        number = 0;
        ReadOnlySpan<byte> rest = bytes[at..];
        if (rest.IsEmpty)
        {
            return false;
        }

        ThrowIfNot(rest[0] == kind, $"expected '{(char)kind}', got '{(char)rest[0]}'");
        bool parsed = Utf8Parser.TryParse(rest[1..], out number, out int digits);
        if (rest.Length < digits + 3)
        {
            ThrowIfNot(rest.Length < 14, "invalid length");
            return false;
        }

        ThrowIfNot(parsed && rest[digits + 1] == (byte)'\r', "invalid length");
        at += digits + 3;
        return true;
    }

    private static void ThrowIfNot(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidDataException(message);
        }
    }
}
