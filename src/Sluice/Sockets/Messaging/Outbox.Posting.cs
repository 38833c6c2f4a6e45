using System.Buffers;
using Sluice.Channels.Framing;
using Sluice.Channels.Messages;

namespace Sluice;

public sealed partial class Outbox
{
    /// <summary>Posts a message. Never waits.</summary>
    /// <param name="message">The message, which is copied. The caller may change it once this returns.</param>
    /// <returns>
    /// True if the message is queued. False if it is dropped: the outbox is full and its mode is not <see cref="OutboxFullMode.DropOldest"/>, or the
    /// connection is closed, or its output is completed.
    /// </returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity. No post can ever succeed with it.</exception>
    public bool Post(ReadOnlySpan<byte> message) => PostBytes(message);

    /// <summary>Posts a message that other outboxes may share. It is not copied, unless it is small. Never waits.</summary>
    /// <param name="message">The message. The caller may dispose of it once this returns.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    /// <exception cref="ObjectDisposedException">The message is disposed of.</exception>
    public bool Post(OutgoingMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfTooLarge(message.Length);
        return PostOwned(message.Share());
    }

    /// <summary>
    /// Posts an interpolated string, <c>$"{x} {y}"</c>, in UTF-8, without building a string first. Numbers and dates are formatted with
    /// <see cref="System.Globalization.CultureInfo.InvariantCulture"/>. Never waits.
    /// </summary>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    public bool Post(ref WriteInterpolatedStringHandler text)
    {
        byte[] rented = text.Detach(out int count);
        try
        {
            return PostBytes(rented.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Posts a line in UTF-8, followed by the <see cref="ByteWriteChannel.NewLine"/> of the connection's output. Never waits.</summary>
    /// <param name="line">The line without its ending.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    public bool PostLine(ReadOnlySpan<char> line)
    {
        using var encoded = new EncodedLine(line, Connection.Output.NewLine, stackalloc byte[EncodedLine.StackSize]);
        return PostBytes(encoded.Bytes);
    }

    /// <summary>
    /// Posts an interpolated string as <see cref="Post(ref WriteInterpolatedStringHandler)"/> does, followed by the
    /// <see cref="ByteWriteChannel.NewLine"/> of the connection's output.
    /// </summary>
    /// <inheritdoc cref="Post(ref WriteInterpolatedStringHandler)"/>
    public bool PostLine(ref WriteInterpolatedStringHandler text)
    {
        text.AppendLiteral(Connection.Output.NewLine);
        return Post(ref text);
    }

    /// <summary>Posts a frame. Never waits.</summary>
    /// <typeparam name="TFrame">The type of a frame.</typeparam>
    /// <param name="encoder">Turns the frame into bytes that the other side can delimit: an encoder of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame. The caller may change it once this returns.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The encoder cannot encode the frame, or the message is larger than the outbox's capacity.</exception>
    public bool Post<TFrame>(IFrameEncoder<TFrame> encoder, TFrame frame)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        FrameBuffer buffer = FrameBuffer.Rent();
        try
        {
            encoder.Encode(frame, buffer);
            return PostBytes(buffer.Written.Span);
        }
        finally
        {
            buffer.Return();
        }
    }
}
