using System.Buffers;

namespace Sluice;

/// <summary>Represents the bytes that an <see cref="IFrameDecoder{TFrame}"/> decodes.</summary>
/// <param name="buffered">The bytes received so far.</param>
/// <param name="examined">The number of bytes that the previous call has seen.</param>
/// <param name="isFinal">Whether no more bytes come.</param>
/// <param name="position">The number of bytes of the channel before the frame.</param>
public readonly struct FrameInput(ReadOnlySequence<byte> buffered, long examined = 0, bool isFinal = false, long position = 0)
{
    /// <summary>Gets the bytes received so far, from the beginning of the frame on.</summary>
    public ReadOnlySequence<byte> Buffered => buffered;

    /// <summary>
    /// Gets the number of bytes that the previous call has seen, which found the frame incomplete: a search need not begin before them. 0 at first.
    /// </summary>
    public long Examined => examined;

    /// <summary>Gets a value indicating whether the stream ends behind these bytes.</summary>
    public bool IsFinal => isFinal;

    /// <summary>Gets the position of the frame: the number of bytes of the channel before it.</summary>
    public long Position => position;
}
