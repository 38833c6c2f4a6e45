using System.Text;

namespace RespClient;

/// <summary>A value of RESP2 or RESP3: text, bytes or an error; a number; a list; or null.</summary>
internal readonly record struct RespValue(char Kind, long Number = 0, byte[]? Bytes = null, RespValue[]? Items = null)
{
    public bool IsError => Kind is '-' or '!';

    public override string ToString() =>
        Items is { } items ? $"[{string.Join(", ", items)}]" : Bytes is { } bytes ? Encoding.UTF8.GetString(bytes) : Kind == ':' ? $"{Number}" : "(null)";
}
