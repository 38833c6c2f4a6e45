namespace Sluice.Channels.Framing;

/// <summary>Decodes frames whose length stands in a header.</summary>
internal sealed class HeadedFrameDecoder(FrameHeader header, int maxLength) : IFrameDecoder<HeadedFrame>
{
    public long MaxBuffered => (long)maxLength + header.LongestSize;

    public bool TryDecode(in FrameInput input, out HeadedFrame frame, out long consumed)
    {
        consumed = 0;
        frame = default;
        if (!header.TryRead(input.Buffered, out ulong length, out int size)
            || !FrameLength.IsComplete(input, length, size, maxLength, out consumed))
        {
            return false;
        }

        frame = new HeadedFrame(input.Buffered.Slice(0, size), input.Buffered.Slice(size, (long)length));
        return true;
    }
}
