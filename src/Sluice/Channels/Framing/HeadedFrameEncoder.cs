using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Encodes frames whose length stands in a header.</summary>
internal sealed class HeadedFrameEncoder(FrameHeader header, int maxLength) : IFrameEncoder<HeadedFrame>
{
    /// <summary>Writes the header of this frame.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The frame cannot be encoded.</exception>
    public int WriteHead(in HeadedFrame frame, Span<byte> head)
    {
        EnvelopeEncoder.ThrowIfLonger(frame.Body, maxLength);
        return header.Write(frame.Header, frame.Body.Length, head);
    }

    public void Encode(HeadedFrame frame, IBufferWriter<byte> output)
    {
        Span<byte> head = stackalloc byte[FrameHeader.MaxSize];
        output.Write(head[..WriteHead(frame, head)]);
        foreach (ReadOnlyMemory<byte> segment in frame.Body)
        {
            output.Write(segment.Span);
        }
    }
}
