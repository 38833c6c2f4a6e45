using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Decodes frames that all have the same length.</summary>
internal sealed class FixedFrameDecoder(int length) : IFrameDecoder<ReadOnlySequence<byte>>
{
    public long MaxBuffered => length;

    public bool TryDecode(in FrameInput input, out ReadOnlySequence<byte> frame, out long consumed)
    {
        consumed = length;
        bool there = input.Buffered.Length >= length;
        frame = there ? input.Buffered.Slice(0, length) : default;
        return there;
    }
}
