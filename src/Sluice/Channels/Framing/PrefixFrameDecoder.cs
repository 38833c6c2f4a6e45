using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Decodes frames with their length before them.</summary>
internal sealed class PrefixFrameDecoder(LengthPrefix prefix, int maxLength) : IFrameDecoder<ReadOnlySequence<byte>>
{
    public long MaxBuffered => (long)maxLength + prefix.LongestSize;

    public bool TryDecode(in FrameInput input, out ReadOnlySequence<byte> frame, out long consumed)
    {
        consumed = 0;
        frame = default;
        if (!prefix.TryRead(input.Buffered, out ulong length, out int size)
            || !FrameLength.IsComplete(input, length, size, maxLength, out consumed))
        {
            return false;
        }

        frame = input.Buffered.Slice(size, (long)length);
        return true;
    }
}
