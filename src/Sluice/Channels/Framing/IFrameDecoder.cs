namespace Sluice;

/// <summary>
/// Divides a stream of bytes into frames, for <see cref="ByteReadChannel.ReadFramesAsync"/>. A decoder that keeps nothing between calls serves every
/// connection.
/// </summary>
/// <typeparam name="TFrame">The type of a frame. A frame may refer to the channel's buffer: it is valid until the next is requested.</typeparam>
public interface IFrameDecoder<TFrame>
{
    /// <summary>
    /// Gets the largest number of bytes that may be buffered without a complete frame, including the bytes around it. With more, the read fails.
    /// </summary>
    long MaxBuffered { get; }

    /// <summary>Decodes the first frame, if it is complete.</summary>
    /// <param name="input">The bytes received so far: at least one.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="consumed">The number of bytes of the frame and of those around it, at least 1.</param>
    /// <returns>
    /// Whether the frame is complete. If not, the call is repeated when there are more bytes; if no more come, the read fails with
    /// <see cref="EndOfStreamException"/>.
    /// </returns>
    bool TryDecode(in FrameInput input, out TFrame frame, out long consumed);
}
