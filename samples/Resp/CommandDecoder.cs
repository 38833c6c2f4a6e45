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

    // The longest number, with its kind and its end.
    private const int MaxNumber = 14;

    private readonly Command _command = new();

    // Where the array that has begun goes on, and how many strings it has: what was read of it is not read again with each receive.
    private int _at;
    private int _count;

    public long MaxBuffered => 64 * 1024 * 1024;

    public bool TryDecode(in FrameInput input, out Command frame, out long consumed)
    {
        frame = _command;
        consumed = 0;
        if (input.Buffered.FirstSpan[0] != (byte)'*')
        {
            return TryDecodeWords(input, out consumed);
        }

        bool isComplete = input.Buffered.IsSingleSegment
            ? TryReadArray(input.Buffered.FirstSpan)
            : TryReadArray(input.Buffered);
        if (isComplete)
        {
            // A command that lies in several segments is copied.
            consumed = _at;
            _at = 0;
            _command.SetBytes(input.Buffered.IsSingleSegment ? input.Buffered.First : input.Buffered.Slice(0, consumed).ToArray());
        }

        return isComplete;
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
        _command.Clear();
        _command.SetBytes(line);
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

    private bool TryReadArray(ReadOnlySpan<byte> bytes)
    {
        if (_at == 0 && !TryBegin(bytes))
        {
            return false;
        }

        while (_command.Count < _count)
        {
            if (!TryReadString(bytes[_at..], bytes.Length))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadArray(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> number = stackalloc byte[MaxNumber];
        if (_at == 0 && !TryBegin(Peek(bytes, number)))
        {
            return false;
        }

        ReadOnlySequence<byte> rest = bytes.Slice(_at);
        while (_command.Count < _count)
        {
            int before = _at;
            if (!TryReadString(Peek(rest, number), bytes.Length))
            {
                return false;
            }

            rest = rest.Slice(_at - before);
        }

        return true;
    }

    private static ReadOnlySpan<byte> Peek(in ReadOnlySequence<byte> bytes, Span<byte> room)
    {
        int length = (int)Math.Min(bytes.Length, room.Length);
        bytes.Slice(0, length).CopyTo(room);
        return room[..length];
    }

    private bool TryBegin(ReadOnlySpan<byte> bytes)
    {
        if (!TryReadNumber(bytes, (byte)'*', out _count, out int size))
        {
            return false;
        }

        ThrowIfNot(_count <= MaxArguments, "invalid multibulk length");
        _at = size;
        _command.Clear();
        return true;
    }

    // The bytes begin with the number, and there are so many in all.
    private bool TryReadString(ReadOnlySpan<byte> bytes, long all)
    {
        if (!TryReadNumber(bytes, (byte)'$', out int length, out int size))
        {
            return false;
        }

        ThrowIfNot(length >= 0 && length <= MaxBuffered, "invalid bulk length");
        if (all - _at - size < length + 2)
        {
            return false;
        }

        _command.Add(_at + size, length);
        _at += size + length + 2;
        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> bytes, byte kind, out int number, out int size)
    {
        number = 0;
        size = 0;
        if (bytes.IsEmpty)
        {
            return false;
        }

        // Of bytes in several segments there are no more.
        bytes = bytes[..Math.Min(bytes.Length, MaxNumber)];
        if (bytes[0] != kind)
        {
            throw new InvalidDataException($"expected '{(char)kind}', got '{(char)bytes[0]}'");
        }

        bool parsed = Utf8Parser.TryParse(bytes[1..], out number, out int digits);
        if (bytes.Length < digits + 3)
        {
            ThrowIfNot(bytes.Length < MaxNumber, "invalid length");
            return false;
        }

        ThrowIfNot(parsed && bytes[digits + 1] == (byte)'\r', "invalid length");
        size = digits + 3;
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
