using System.Buffers;
using Sluice.Channels.Framing;
using Sluice.Channels.Messages;
using Sluice.Sockets.Messaging;

namespace Sluice;

public sealed partial class ConnectionGroup
{
    /// <summary>Posts a message to the outbox of every member. Never waits.</summary>
    /// <param name="message">The message, which is copied. The caller may change it once this returns.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns>
    /// The number of outboxes that have queued the message. Others have dropped it and count it in <see cref="Outbox.DroppedMessages"/>: those that are
    /// full, and those whose capacity the message exceeds.
    /// </returns>
    public int Broadcast(ReadOnlySpan<byte> message, Connection? except = null, Func<Connection, bool>? where = null) =>
        DeliverOwned(new Delivery(MessageBuffer.Create(message), key: null, except, where));

    /// <summary>Posts a message to the outbox of every member, which shares it. Never waits.</summary>
    /// <param name="message">The message. The caller may dispose of it once this returns.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns><inheritdoc cref="Broadcast(ReadOnlySpan{byte}, Connection, Func{Connection, bool})" path="/returns"/></returns>
    /// <exception cref="ObjectDisposedException">The message is disposed of.</exception>
    public int Broadcast(OutgoingMessage message, Connection? except = null, Func<Connection, bool>? where = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeliverOwned(new Delivery(message.Share(), key: null, except, where));
    }

    /// <summary>
    /// Posts an interpolated string, <c>$"{x} {y}"</c>, in UTF-8 to the outbox of every member. Numbers and dates are formatted with
    /// <see cref="System.Globalization.CultureInfo.InvariantCulture"/>. Never waits.
    /// </summary>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns><inheritdoc cref="Broadcast(ReadOnlySpan{byte}, Connection, Func{Connection, bool})" path="/returns"/></returns>
    public int Broadcast(ref WriteInterpolatedStringHandler text, Connection? except = null, Func<Connection, bool>? where = null)
    {
        byte[] rented = text.Detach(out int count);
        try
        {
            return Broadcast(rented.AsSpan(0, count), except, where);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Posts a line in UTF-8, followed by <see cref="NewLine"/>, to the outbox of every member. Never waits.</summary>
    /// <param name="line">The line without its ending.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns><inheritdoc cref="Broadcast(ReadOnlySpan{byte}, Connection, Func{Connection, bool})" path="/returns"/></returns>
    public int BroadcastLine(ReadOnlySpan<char> line, Connection? except = null, Func<Connection, bool>? where = null)
    {
        using var encoded = new EncodedLine(line, NewLine, stackalloc byte[EncodedLine.StackSize]);
        return Broadcast(encoded.Bytes, except, where);
    }

    /// <summary>Posts an interpolated string in UTF-8, followed by <see cref="NewLine"/>, to the outbox of every member. Never waits.</summary>
    /// <inheritdoc cref="Broadcast(ref WriteInterpolatedStringHandler, Connection, Func{Connection, bool})"/>
    public int BroadcastLine(ref WriteInterpolatedStringHandler text, Connection? except = null, Func<Connection, bool>? where = null)
    {
        text.AppendLiteral(NewLine);
        return Broadcast(ref text, except, where);
    }

    /// <summary>Encodes a frame once, and posts it to the outbox of every member. Never waits.</summary>
    /// <typeparam name="TFrame">The type of a frame.</typeparam>
    /// <param name="encoder">Turns the frame into bytes that the other side can delimit: an encoder of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame. The caller may change it once this returns.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns><inheritdoc cref="Broadcast(ReadOnlySpan{byte}, Connection, Func{Connection, bool})" path="/returns"/></returns>
    /// <exception cref="ArgumentException">The encoder cannot encode the frame.</exception>
    public int Broadcast<TFrame>(IFrameEncoder<TFrame> encoder, TFrame frame, Connection? except = null, Func<Connection, bool>? where = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        FrameBuffer buffer = FrameBuffer.Rent();
        try
        {
            encoder.Encode(frame, buffer);
            return Broadcast(buffer.Written.Span, except, where);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>
    /// Posts a message to the outbox of every member in the place of one with the same key that still waits there; see
    /// <see cref="Outbox.PostLatest(OutboxKey, ReadOnlySpan{byte})"/>. Never waits.
    /// </summary>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="message">The message, which is copied once.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns><inheritdoc cref="Broadcast(ReadOnlySpan{byte}, Connection, Func{Connection, bool})" path="/returns"/></returns>
    public int BroadcastLatest(OutboxKey key, ReadOnlySpan<byte> message, Connection? except = null, Func<Connection, bool>? where = null) =>
        DeliverOwned(new Delivery(MessageBuffer.Create(message), key, except, where));

    /// <summary>
    /// Posts a message that the members share, as <see cref="BroadcastLatest(OutboxKey, ReadOnlySpan{byte}, Connection, Func{Connection, bool})"/> does.
    /// </summary>
    /// <param name="key">The subject of the message: a text or a number.</param>
    /// <param name="message">The message. The caller may dispose of it once this returns.</param>
    /// <param name="except">A connection that does not get it, such as the sender; null for none.</param>
    /// <param name="where">Says which connections get it; null for all. It is called on this thread, outside of every lock.</param>
    /// <returns><inheritdoc cref="Broadcast(ReadOnlySpan{byte}, Connection, Func{Connection, bool})" path="/returns"/></returns>
    /// <exception cref="ObjectDisposedException">The message is disposed of.</exception>
    public int BroadcastLatest(OutboxKey key, OutgoingMessage message, Connection? except = null, Func<Connection, bool>? where = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeliverOwned(new Delivery(message.Share(), key, except, where));
    }

    private int DeliverOwned(in Delivery delivery)
    {
        try
        {
            return Deliver(delivery);
        }
        finally
        {
            delivery.Shared.Release();
        }
    }

    // With groups in it, a connection may be in more than one of them, and gets the message once.
    private int Deliver(in Delivery delivery) =>
        DeliverTo(delivery, Volatile.Read(ref _groups) == 0 ? null : new HashSet<Connection>(ReferenceEqualityComparer.Instance));

    private int DeliverTo(in Delivery delivery, HashSet<Connection>? reached)
    {
        object?[] slots = Volatile.Read(ref _slots);
        int queued = 0;
        int direct = 0;

        // At once for all: an interlocked operation for each member would cost more than the post.
        delivery.Shared.AddReferences(slots.Length);
        try
        {
            for (int i = 0; i < slots.Length; i++)
            {
                object? member = Volatile.Read(ref slots[i]);
                if (member is Outbox outbox)
                {
                    if (delivery.Includes(outbox.Connection) && (reached is null || reached.Add(outbox.Connection)) && delivery.PostTo(outbox))
                    {
                        direct++;
                    }
                }
                else if (member is ConnectionGroup group && reached is not null)
                {
                    // Without the set, the group has joined during this broadcast: its members would get the message twice.
                    queued += group.DeliverTo(delivery, reached);
                }
            }
        }
        finally
        {
            delivery.Shared.Release(slots.Length - direct);
        }

        return queued + direct;
    }
}
