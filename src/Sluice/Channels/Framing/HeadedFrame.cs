using System.Buffers;

namespace Sluice;

/// <summary>Represents a frame behind a header, for <see cref="FrameDecoder.Headed"/> and <see cref="FrameEncoder.Headed"/>.</summary>
/// <param name="header">
/// The header. For a frame to write, the bytes of the length are replaced; with a length of variable size, only the bytes before it.
/// </param>
/// <param name="body">The bytes behind the header.</param>
public readonly struct HeadedFrame(ReadOnlySequence<byte> header, ReadOnlySequence<byte> body)
{
    /// <summary>Creates a frame to write.</summary>
    /// <param name="header">The header. The bytes of the length are replaced; with a length of variable size, only the bytes before it.</param>
    /// <param name="body">The bytes behind the header.</param>
    public HeadedFrame(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body)
        : this(new ReadOnlySequence<byte>(header), new ReadOnlySequence<byte>(body))
    {
    }

    /// <summary>Gets the header. Of a frame that was read, with its length.</summary>
    public ReadOnlySequence<byte> Header => header;

    /// <summary>Gets the bytes behind the header.</summary>
    public ReadOnlySequence<byte> Body => body;
}
