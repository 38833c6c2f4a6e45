using System.Buffers;
using Sluice.Channels.Framing;
using Sluice.Channels.Messages;

namespace Sluice;

public sealed partial class Outbox
{
    /// <summary>
    /// Posts a message that makes an earlier one with the same key obsolete: if that still waits, this one takes its place in the queue. So a slow peer
    /// gets the latest state of each subject, at most one message for each. Never waits.
    /// </summary>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="message">The message, which is copied.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    public bool PostLatest(OutboxKey key, ReadOnlySpan<byte> message)
    {
        ThrowIfTooLarge(message.Length);
        return PostLatestOwned(key, MessageBuffer.Create(message));
    }

    /// <summary>Posts an interpolated string in UTF-8, as <see cref="PostLatest(OutboxKey, ReadOnlySpan{byte})"/> does.</summary>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    public bool PostLatest(OutboxKey key, ref WriteInterpolatedStringHandler text)
    {
        byte[] rented = text.Detach(out int count);
        try
        {
            return PostLatest(key, rented.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Posts a line in UTF-8, followed by the <see cref="ByteWriteChannel.NewLine"/> of the connection's output, as
    /// <see cref="PostLatest(OutboxKey, ReadOnlySpan{byte})"/> does.
    /// </summary>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="line">The line without its ending.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    public bool PostLatestLine(OutboxKey key, ReadOnlySpan<char> line)
    {
        using var encoded = new EncodedLine(line, Connection.Output.NewLine, stackalloc byte[EncodedLine.StackSize]);
        return PostLatest(key, encoded.Bytes);
    }

    /// <summary>Posts a frame, as <see cref="PostLatest(OutboxKey, ReadOnlySpan{byte})"/> does.</summary>
    /// <typeparam name="TFrame">The type of a frame.</typeparam>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="encoder">Turns the frame into bytes that the other side can delimit: an encoder of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame. The caller may change it once this returns.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The encoder cannot encode the frame, or the message is larger than the outbox's capacity.</exception>
    public bool PostLatest<TFrame>(OutboxKey key, IFrameEncoder<TFrame> encoder, TFrame frame)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        FrameBuffer buffer = FrameBuffer.Rent();
        try
        {
            encoder.Encode(frame, buffer);
            return PostLatest(key, buffer.Written.Span);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Posts a message that other outboxes may share, as <see cref="PostLatest(OutboxKey, ReadOnlySpan{byte})"/> does.</summary>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="message">The message. The caller may dispose of it once this returns.</param>
    /// <returns><inheritdoc cref="Post(ReadOnlySpan{byte})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    /// <exception cref="ObjectDisposedException">The message is disposed of.</exception>
    public bool PostLatest(OutboxKey key, OutgoingMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfTooLarge(message.Length);
        return PostLatestOwned(key, message.Share());
    }
}
