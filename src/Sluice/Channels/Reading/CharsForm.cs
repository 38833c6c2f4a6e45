using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>Bytes as characters, in memory of the caller's.</summary>
internal readonly struct CharsForm(Encoding encoding, IBufferWriter<char> destination) : IBytesForm<bool>
{
    public static bool IsView => false;

    public bool Take(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            ReadOnlySpan<byte> span = bytes.FirstSpan;
            destination.Advance(encoding.GetChars(span, destination.GetSpan(encoding.GetCharCount(span))));
        }
        else
        {
            encoding.GetChars(bytes, destination);
        }

        return true;
    }
}
