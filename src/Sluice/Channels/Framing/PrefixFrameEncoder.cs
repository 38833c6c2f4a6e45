using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Encodes frames with their length before them.</summary>
internal sealed class PrefixFrameEncoder(LengthPrefix prefix, int maxLength) : EnvelopeEncoder
{
    public override int WriteHead(in ReadOnlySequence<byte> frame, Span<byte> head)
    {
        ThrowIfLonger(frame, maxLength);
        return prefix.Write(frame.Length, head);
    }
}
