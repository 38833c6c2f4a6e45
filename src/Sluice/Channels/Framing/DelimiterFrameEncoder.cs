using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice.Channels.Framing;

/// <summary>Encodes frames that end with a sequence of bytes.</summary>
internal sealed class DelimiterFrameEncoder(ReadOnlyMemory<byte> delimiter, int maxLength) : EnvelopeEncoder
{
    private const int SmallSeam = 128;

    public override ReadOnlyMemory<byte> Tail => delimiter;

    public override int WriteHead(in ReadOnlySequence<byte> frame, Span<byte> head)
    {
        ThrowIfLonger(frame, maxLength);
        if (Delimiter.IndexOf(frame, 0, delimiter.Span) >= 0 || EndsEarly(frame))
        {
            throw new ArgumentException("The frame contains the delimiter, or its last bytes form one with the delimiter behind it: the other side would read more than one frame.", nameof(frame));
        }

        return 0;
    }

    // Whether a delimiter begins within the frame and ends within the delimiter behind it.
    private bool EndsEarly(in ReadOnlySequence<byte> frame)
    {
        int overlap = (int)Math.Min(frame.Length, delimiter.Length - 1);
        if (overlap == 0)
        {
            return false;
        }

        int length = overlap + delimiter.Length;
        Span<byte> seam = length <= SmallSeam ? stackalloc byte[SmallSeam] : new byte[length];
        frame.Slice(frame.Length - overlap).CopyTo(seam);
        delimiter.Span.CopyTo(seam[overlap..]);
        return seam[..length].IndexOf(delimiter.Span) < overlap;
    }
}
