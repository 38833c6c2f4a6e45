using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice.Channels.Framing;

/// <summary>Decodes frames that end with a sequence of bytes.</summary>
internal sealed class DelimiterFrameDecoder(ReadOnlyMemory<byte> delimiter, int maxLength) : IFrameDecoder<ReadOnlySequence<byte>>
{
    public long MaxBuffered => (long)maxLength + delimiter.Length - 1;

    public bool TryDecode(in FrameInput input, out ReadOnlySequence<byte> frame, out long consumed)
    {
        long from = Math.Max(0, input.Examined - delimiter.Length + 1);
        long length = Delimiter.IndexOf(input.Buffered, from, delimiter.Span);
        if (length > maxLength || (length < 0 && input.Buffered.Length > MaxBuffered))
        {
            throw new LimitExceededException("frame", maxLength, input.Position);
        }

        consumed = length + delimiter.Length;
        frame = length < 0 ? default : input.Buffered.Slice(0, length);
        return length >= 0;
    }
}
