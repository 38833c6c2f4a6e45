using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Resp;

/// <summary>Encodes replies in version 2 or 3 of the protocol.</summary>
internal sealed class Reply
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public int Version { get; set; } = 2;

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void Clear()
    {
        // A long reply does not keep its memory.
        if (_buffer.Capacity > 64 * 1024)
        {
            _buffer.Clear();
        }

        _buffer.ResetWrittenCount();
    }

    public void Ok() => _buffer.Write("+OK\r\n"u8);

    public void Simple(string text) => Line('+', text);

    public void Error(string text) => Line('-', text);

    public void Number(long number) => Header(':', number);

    public void Boolean(bool value) => Number(value ? 1 : 0);

    public void Null() => _buffer.Write(Version == 3 ? "_\r\n"u8 : "$-1\r\n"u8);

    public void Array(int count) => Header('*', count);

    public void Map(int count) => Header(Version == 3 ? '%' : '*', Version == 3 ? count : 2 * count);

    public void Push(int count) => Header(Version == 3 ? '>' : '*', count);

    public void Bytes(byte[]? bytes)
    {
        if (bytes is null)
        {
            Null();
        }
        else
        {
            Bytes(bytes.AsSpan());
        }
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Header('$', bytes.Length);
        Span<byte> span = _buffer.GetSpan(bytes.Length + 2);
        bytes.CopyTo(span);
        "\r\n"u8.CopyTo(span[bytes.Length..]);
        _buffer.Advance(bytes.Length + 2);
    }

    public void Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    private void Header(char kind, long number)
    {
        Span<byte> span = _buffer.GetSpan(24);
        span[0] = (byte)kind;
        Utf8Formatter.TryFormat(number, span[1..], out int digits);
        "\r\n"u8.CopyTo(span[(1 + digits)..]);
        _buffer.Advance(digits + 3);
    }

    private void Line(char kind, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Span<byte> span = _buffer.GetSpan(length + 3);
        span[0] = (byte)kind;
        Encoding.UTF8.GetBytes(text, span[1..]);
        "\r\n"u8.CopyTo(span[(1 + length)..]);
        _buffer.Advance(length + 3);
    }
}
