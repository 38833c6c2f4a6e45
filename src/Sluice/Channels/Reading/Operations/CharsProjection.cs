using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Projects bytes to characters in a buffer writer of the caller.</summary>
internal readonly struct CharsProjection(Encoding encoding, IBufferWriter<char> destination) : IBytesProjection<bool>
{
    public static bool IsView => false;

    public bool Project(in ReadOnlySequence<byte> bytes, long length)
    {
        ReadOnlySpan<byte> span = bytes.FirstSpan;
        if (length <= span.Length)
        {
            span = span[..(int)length];
            destination.Advance(encoding.GetChars(span, destination.GetSpan(encoding.GetCharCount(span))));
        }
        else
        {
            encoding.GetChars(bytes.Slice(0, length), destination);
        }

        return true;
    }
}
