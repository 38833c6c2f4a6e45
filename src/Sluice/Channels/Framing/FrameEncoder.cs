using System.Buffers;
using System.Text;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

/// <summary>
/// Encoders for <see cref="ByteWriteChannel.WriteFrameAsync{TFrame}(IFrameEncoder{TFrame}, TFrame, CancellationToken)"/>, the counterparts of
/// <see cref="FrameDecoder"/>: what one writes, the other reads, and a frame that it would read otherwise is refused. None keeps anything
/// between calls: one object serves every connection.
/// </summary>
public static class FrameEncoder
{
    /// <summary>Frames that are lines of text.</summary>
    /// <param name="newLine">What each ends with: LF, CR LF or CR.</param>
    /// <param name="encoding">How they become bytes; null for UTF-8.</param>
    /// <returns>The encoder. It refuses a line with a CR or an LF in it.</returns>
    /// <exception cref="ArgumentException">The ending is none of those.</exception>
    public static IFrameEncoder<string> Lines(string newLine = "\r\n", Encoding? encoding = null) => newLine is "\r\n" or "\n" or "\r"
        ? new LineFrameEncoder(encoding ?? Encoding.UTF8, newLine)
        : throw new ArgumentException("A line ends with LF, CR LF or CR.", nameof(newLine));

    /// <summary>Frames whose length stands before them.</summary>
    /// <param name="prefix">How the length is written.</param>
    /// <param name="maxLength">How many bytes a frame may have, the prefix not counted.</param>
    /// <returns>The encoder. It refuses a longer frame.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameEncoder<ReadOnlySequence<byte>> LengthPrefixed(LengthPrefix prefix, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new PrefixFrameEncoder(prefix, maxLength);
    }

    /// <summary>Frames that all have the same length.</summary>
    /// <param name="length">How many bytes each has.</param>
    /// <returns>The encoder. It refuses a frame of another length.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    public static IFrameEncoder<ReadOnlySequence<byte>> FixedSize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new FixedFrameEncoder(length);
    }

    /// <summary>Frames that end with a sequence of bytes.</summary>
    /// <param name="delimiter">What each ends with.</param>
    /// <param name="maxLength">How many bytes a frame may have, the delimiter not counted.</param>
    /// <returns>The encoder. It refuses a longer frame, and one in which the delimiter comes earlier.</returns>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameEncoder<ReadOnlySequence<byte>> Delimited(ReadOnlyMemory<byte> delimiter, int maxLength)
    {
        Delimiter.ThrowIfEmpty(delimiter);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new DelimiterFrameEncoder(delimiter, maxLength);
    }
}
