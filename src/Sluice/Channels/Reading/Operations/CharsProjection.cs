using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Projects bytes to characters in a buffer writer of the caller.</summary>
internal readonly struct CharsProjection(Encoding encoding, IBufferWriter<char> destination) : IBytesProjection<bool>
{
    public static bool IsView => false;

    public static bool IsPassedOn => true;

    public bool Project(in ReadOnlySequence<byte> bytes)
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
