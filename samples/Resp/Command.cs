using System.Buffers.Text;
using System.Text;

namespace Resp;

/// <summary>A command and its arguments: views of the connection's buffer, valid until the next command is read.</summary>
internal sealed class Command
{
    private ReadOnlyMemory<byte> _bytes;
    private (int Start, int Length)[] _arguments = new (int, int)[8];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _bytes.Span.Slice(_arguments[index].Start, _arguments[index].Length);

    public void Clear()
    {
        _bytes = default;
        Count = 0;
    }

    /// <summary>Sets the bytes that hold the arguments.</summary>
    public void SetBytes(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    public void Add(int start, int length)
    {
        if (Count == _arguments.Length)
        {
            Array.Resize(ref _arguments, 2 * Count);
        }

        _arguments[Count++] = (start, length);
    }

    public bool Is(int index, string word) => Ascii.EqualsIgnoreCase(this[index], word);

    public string Text(int index) => Encoding.UTF8.GetString(this[index]);

    public long Number(int index) => TryParse(this[index], out long number) ? number : throw new RespException("ERR value is not an integer or out of range");

    public static bool TryParse(ReadOnlySpan<byte> text, out long number) => Utf8Parser.TryParse(text, out number, out int used) && used == text.Length;
}
