using System.Buffers;
using Sluice.Channels.Framing;
using Sluice.Channels.Messages;

namespace Sluice;

/// <summary>
/// Represents an encoded message that any number of outboxes share, without a copy for each. Its bytes do not change. The memory returns to its pool
/// when the message is disposed of and the last outbox has sent or dropped it.
/// </summary>
/// <remarks>
/// Thread-safe. For a message that is posted once, the overloads of <see cref="Outbox"/> and <see cref="ConnectionGroup"/> that take bytes or text do
/// the same with less code. If a message is not disposed of, the garbage collector frees its memory.
/// </remarks>
public sealed class OutgoingMessage : IDisposable
{
    // Exchanged for null by the disposal.
    private MessageBuffer? _buffer;

    /// <summary>Creates a message from bytes, which are copied.</summary>
    /// <param name="bytes">The message.</param>
    public OutgoingMessage(ReadOnlySpan<byte> bytes)
    {
        _buffer = MessageBuffer.Create(bytes, isReused: false);
        Length = bytes.Length;
    }

    /// <summary>Gets the number of bytes.</summary>
    public int Length { get; }

    /// <summary>Gets the number of references to the memory, that of this object included; 0 after the last one is released.</summary>
    internal int References => _buffer?.References ?? 0;

    /// <summary>Creates a message from an interpolated string, in UTF-8.</summary>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <returns>The message.</returns>
    public static OutgoingMessage Create(ref WriteInterpolatedStringHandler text)
    {
        byte[] rented = text.Detach(out int count);
        try
        {
            return new OutgoingMessage(rented.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Creates a message from a line of text in UTF-8.</summary>
    /// <param name="line">The line without its ending.</param>
    /// <param name="newLine">The ending. Default: CR LF.</param>
    /// <returns>The message.</returns>
    public static OutgoingMessage CreateLine(ReadOnlySpan<char> line, string newLine = "\r\n")
    {
        ArgumentNullException.ThrowIfNull(newLine);
        using var encoded = new EncodedLine(line, newLine, stackalloc byte[EncodedLine.StackSize]);
        return new OutgoingMessage(encoded.Bytes);
    }

    /// <summary>Creates a message from a frame.</summary>
    /// <typeparam name="TFrame">The type of a frame.</typeparam>
    /// <param name="encoder">Turns the frame into bytes that the other side can delimit: an encoder of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>The message.</returns>
    /// <exception cref="ArgumentException">The encoder cannot encode the frame.</exception>
    public static OutgoingMessage Create<TFrame>(IFrameEncoder<TFrame> encoder, TFrame frame)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        FrameBuffer buffer = FrameBuffer.Rent();
        try
        {
            encoder.Encode(frame, buffer);
            return new OutgoingMessage(buffer.Written.Span);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Releases this object's share of the memory. Outboxes that hold the message still send it.</summary>
    public void Dispose() => Interlocked.Exchange(ref _buffer, null)?.Release();

    /// <summary>Gets the bytes, with references for the caller.</summary>
    /// <exception cref="ObjectDisposedException">The message is disposed of.</exception>
    internal MessageBuffer Share(int references = 1)
    {
        MessageBuffer? buffer = Volatile.Read(ref _buffer);
        ObjectDisposedException.ThrowIf(buffer is null || !buffer.TryAddReferences(references), this);
        return buffer;
    }
}
