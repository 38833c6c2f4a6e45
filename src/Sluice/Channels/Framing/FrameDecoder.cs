using System.Buffers;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

/// <summary>
/// Creates decoders for <see cref="ByteReadChannel.ReadFramesAsync"/> and <see cref="ByteReadChannel.ReadFrameAsync"/>. They keep nothing between calls: one object serves every connection.
/// </summary>
public static class FrameDecoder
{
    private static readonly LineReadOptions s_whole = new() { RequireEnding = true };

    /// <summary>
    /// Creates a decoder of lines of text. Without options, a last line without an ending is an <see cref="EndOfStreamException"/>, like every frame that is
    /// cut off: it may be the beginning of a longer line.
    /// </summary>
    /// <param name="options">
    /// The encoding, ending and limit, and whether a last line needs an ending; null for <see cref="LineReadOptions.Default"/> with
    /// <see cref="LineReadOptions.RequireEnding"/>.
    /// </param>
    /// <returns>The decoder.</returns>
    public static IFrameDecoder<string> Lines(LineReadOptions? options = null) => new LineFrameDecoder(options ?? s_whole);

    /// <summary>Creates a decoder of frames with their length before them.</summary>
    /// <param name="prefix">The format of the length, which is not part of the frame.</param>
    /// <param name="maxLength">The largest number of bytes of a frame, without the prefix.</param>
    /// <returns>The decoder. Its frames refer to the channel's buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameDecoder<ReadOnlySequence<byte>> LengthPrefixed(LengthPrefix prefix, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new PrefixFrameDecoder(prefix, maxLength);
    }

    /// <summary>Creates a decoder of frames behind a header in which their length stands.</summary>
    /// <param name="header">The layout of the header.</param>
    /// <param name="maxLength">The largest number of bytes of a frame, without the header.</param>
    /// <returns>The decoder. Its frames refer to the channel's buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameDecoder<HeadedFrame> Headed(FrameHeader header, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new HeadedFrameDecoder(header, maxLength);
    }

    /// <summary>Creates a decoder of frames that all have the same length.</summary>
    /// <param name="length">The number of bytes of each frame.</param>
    /// <returns>The decoder. Its frames refer to the channel's buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    public static IFrameDecoder<ReadOnlySequence<byte>> FixedSize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new FixedFrameDecoder(length);
    }

    /// <summary>Creates a decoder of frames that end with a sequence of bytes.</summary>
    /// <param name="delimiter">The bytes that end each frame, which are not part of it.</param>
    /// <param name="maxLength">The largest number of bytes of a frame, without the delimiter.</param>
    /// <returns>The decoder. Its frames refer to the channel's buffer.</returns>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameDecoder<ReadOnlySequence<byte>> Delimited(ReadOnlyMemory<byte> delimiter, int maxLength)
    {
        Delimiter.ThrowIfEmpty(delimiter);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new DelimiterFrameDecoder(delimiter, maxLength);
    }
}
