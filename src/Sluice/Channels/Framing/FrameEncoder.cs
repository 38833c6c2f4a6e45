using System.Buffers;
using System.Text;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

/// <summary>
/// Creates encoders for <see cref="ByteWriteChannel.WriteFrameAsync{TFrame}(IFrameEncoder{TFrame}, TFrame, CancellationToken)"/>, the counterparts
/// of the decoders of <see cref="FrameDecoder"/>. An encoder refuses a frame that its decoder would read differently. They keep nothing between
/// calls: one object serves every connection.
/// </summary>
public static class FrameEncoder
{
    /// <summary>Creates an encoder of lines of text.</summary>
    /// <param name="newLine">The ending of each line: LF, CR LF or CR.</param>
    /// <param name="encoding">The encoding; null for UTF-8.</param>
    /// <returns>The encoder. It refuses a line with a CR or an LF in it.</returns>
    /// <exception cref="ArgumentException">The ending is not one of those.</exception>
    public static IFrameEncoder<string> Lines(string newLine = "\r\n", Encoding? encoding = null) => newLine is "\r\n" or "\n" or "\r"
        ? new LineFrameEncoder(encoding ?? Encoding.UTF8, newLine)
        : throw new ArgumentException("A line ends with LF, CR LF or CR.", nameof(newLine));

    /// <summary>Creates an encoder of frames with their length before them.</summary>
    /// <param name="prefix">The format of the length.</param>
    /// <param name="maxLength">The largest number of bytes of a frame, without the prefix.</param>
    /// <returns>The encoder. It refuses a longer frame.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameEncoder<ReadOnlySequence<byte>> LengthPrefixed(LengthPrefix prefix, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new PrefixFrameEncoder(prefix, maxLength);
    }

    /// <summary>Creates an encoder of frames behind a header in which their length stands.</summary>
    /// <param name="header">The layout of the header.</param>
    /// <param name="maxLength">The largest number of bytes of a frame, without the header.</param>
    /// <returns>The encoder. It writes the length into the header, and refuses a longer frame and a header of another size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameEncoder<HeadedFrame> Headed(FrameHeader header, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new HeadedFrameEncoder(header, maxLength);
    }

    /// <summary>Creates an encoder of frames that all have the same length.</summary>
    /// <param name="length">The number of bytes of each frame.</param>
    /// <returns>The encoder. It refuses a frame of another length.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    public static IFrameEncoder<ReadOnlySequence<byte>> FixedSize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new FixedFrameEncoder(length);
    }

    /// <summary>Creates an encoder of frames that end with a sequence of bytes.</summary>
    /// <param name="delimiter">The bytes that end each frame.</param>
    /// <param name="maxLength">The largest number of bytes of a frame, without the delimiter.</param>
    /// <returns>The encoder. It refuses a longer frame, and one that contains the delimiter.</returns>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameEncoder<ReadOnlySequence<byte>> Delimited(ReadOnlyMemory<byte> delimiter, int maxLength)
    {
        Delimiter.ThrowIfEmpty(delimiter);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new DelimiterFrameEncoder(delimiter, maxLength);
    }
}
