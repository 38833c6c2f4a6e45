using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Frames of bytes that stay as they are, with a little before or behind them: written from where they lie.</summary>
internal abstract class EnvelopeEncoder : IFrameEncoder<ReadOnlySequence<byte>>
{
    public const int LongestHead = 16;

    /// <summary>What comes behind each frame.</summary>
    public virtual ReadOnlyMemory<byte> Tail => default;

    /// <summary>Writes what comes before this frame, and returns how many bytes that is.</summary>
    /// <exception cref="ArgumentException">It cannot be encoded.</exception>
    public abstract int WriteHead(in ReadOnlySequence<byte> frame, Span<byte> head);

    public void Encode(ReadOnlySequence<byte> frame, IBufferWriter<byte> output)
    {
        Span<byte> head = stackalloc byte[LongestHead];
        output.Write(head[..WriteHead(frame, head)]);
        foreach (ReadOnlyMemory<byte> segment in frame)
        {
            output.Write(segment.Span);
        }

        output.Write(Tail.Span);
    }

    protected static void ThrowIfLonger(in ReadOnlySequence<byte> frame, int maxLength)
    {
        if (frame.Length > maxLength)
        {
            throw new ArgumentException($"The frame has {frame.Length} bytes, more than the limit of {maxLength}.", nameof(frame));
        }
    }
}
