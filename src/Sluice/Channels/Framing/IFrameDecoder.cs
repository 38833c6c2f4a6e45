namespace Sluice;

/// <summary>
/// How the frames of a stream are told apart: for <see cref="ByteReadChannel.ReadFramesAsync"/>. One that keeps nothing between calls
/// serves every connection.
/// </summary>
/// <typeparam name="TFrame">What a frame becomes. It may show the buffer: it is valid until the next is asked for.</typeparam>
public interface IFrameDecoder<TFrame>
{
    /// <summary>
    /// How many bytes may be there without a frame in them, everything around it counted. With more, the read fails.
    /// </summary>
    long MaxBuffered { get; }

    /// <summary>Decodes the frame that comes first, if it is all there.</summary>
    /// <param name="input">What is there: not nothing.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="consumed">How many bytes it has with everything around it, at least 1.</param>
    /// <returns>
    /// Whether it is all there. If not, the call comes again when there is more; if no more comes, the read fails with
    /// <see cref="EndOfStreamException"/>.
    /// </returns>
    bool TryDecode(in FrameInput input, out TFrame frame, out long consumed);
}
