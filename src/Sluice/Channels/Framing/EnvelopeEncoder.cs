using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Encodes frames of bytes that stay unchanged, with a few bytes before or behind them: written from where they are.</summary>
internal abstract class EnvelopeEncoder : IFrameEncoder<ReadOnlySequence<byte>>
{
    public const int LongestHead = 16;

    /// <summary>The bytes behind each frame.</summary>
    public virtual ReadOnlyMemory<byte> Tail => default;

    /// <summary>Writes the bytes before this frame.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The frame cannot be encoded.</exception>
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

    /// <summary>Refuses a frame with more bytes than the limit.</summary>
    public static void ThrowIfLonger(in ReadOnlySequence<byte> frame, int maxLength)
    {
        if (frame.Length > maxLength)
        {
            throw new ArgumentException($"The frame has {frame.Length} bytes, more than the limit of {maxLength}.", nameof(frame));
        }
    }
}
