using System.Buffers;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

/// <summary>
/// Decoders for <see cref="ByteReadChannel.ReadFramesAsync"/>. None keeps anything between calls: one object serves every connection.
/// </summary>
public static class FrameDecoder
{
    /// <summary>Frames that are lines of text. A last one without an ending is one, too, unless the options require endings.</summary>
    /// <param name="options">Encoding, ending and limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <returns>The decoder.</returns>
    public static IFrameDecoder<string> Lines(LineReadOptions? options = null) => new LineFrameDecoder(options ?? LineReadOptions.Default);

    /// <summary>Frames whose length stands before them.</summary>
    /// <param name="prefix">How the length is written. It is no part of the frame.</param>
    /// <param name="maxLength">How many bytes a frame may have, the prefix not counted.</param>
    /// <returns>The decoder. Its frames show the buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameDecoder<ReadOnlySequence<byte>> LengthPrefixed(LengthPrefix prefix, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new PrefixFrameDecoder(prefix, maxLength);
    }

    /// <summary>Frames that all have the same length.</summary>
    /// <param name="length">How many bytes each has.</param>
    /// <returns>The decoder. Its frames show the buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    public static IFrameDecoder<ReadOnlySequence<byte>> FixedSize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new FixedFrameDecoder(length);
    }

    /// <summary>Frames that end with a sequence of bytes.</summary>
    /// <param name="delimiter">What each ends with. It is no part of the frame.</param>
    /// <param name="maxLength">How many bytes a frame may have, the delimiter not counted.</param>
    /// <returns>The decoder. Its frames show the buffer.</returns>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static IFrameDecoder<ReadOnlySequence<byte>> Delimited(ReadOnlyMemory<byte> delimiter, int maxLength)
    {
        Delimiter.ThrowIfEmpty(delimiter);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        return new DelimiterFrameDecoder(delimiter, maxLength);
    }
}
