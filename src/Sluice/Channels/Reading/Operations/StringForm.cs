using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>Bytes as a string.</summary>
internal readonly struct StringForm(Encoding encoding) : IBytesForm<string>
{
    public static bool IsView => false;

    public string Take(in ReadOnlySequence<byte> bytes, long length)
    {
        ReadOnlySpan<byte> first = bytes.FirstSpan;
        return length <= first.Length ? encoding.GetString(first[..(int)length]) : EncodingExtensions.GetString(encoding, bytes.Slice(0, length));
    }
}
