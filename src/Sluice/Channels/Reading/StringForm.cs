using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>Bytes as a string.</summary>
internal readonly struct StringForm(Encoding encoding) : IBytesForm<string>
{
    public static bool IsView => false;

    public string Take(in ReadOnlySequence<byte> bytes) =>
        bytes.IsSingleSegment ? encoding.GetString(bytes.FirstSpan) : EncodingExtensions.GetString(encoding, bytes);
}
