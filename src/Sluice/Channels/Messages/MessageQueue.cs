using Sluice.Channels.Buffers;

namespace Sluice.Channels.Messages;

/// <summary>
/// Keeps whole messages, in the order in which they were posted, until a <see cref="Writing.SendQueue"/> takes them: the stage in front of it for many
/// writers. Bounded in bytes.
/// </summary>
/// <remarks>
/// <para>The lock of the send queue guards all of it. It calls no user code, and its memory is of the shared array pool.</para>
/// <para>A small message of one connection is copied into segments, which the send queue takes over as they are when it takes everything: one copy on
/// its whole way, and nothing to release. Any other is a <see cref="MessageBuffer"/>, which several queues share. The send queue copies it if it is small,
/// and refers to it if it is large.</para>
/// </remarks>
internal sealed partial class MessageQueue(IMessageQueueOwner owner, int capacity, OutboxFullMode fullMode, int maxWaiting)
{
    /// <summary>The largest message of one connection that is copied into the queue's own segments.</summary>
    public const int LargestCopied = 4 * 1024;

    /// <summary>How many bytes a message counts for in addition to its own: its entry.</summary>
    public const int EntryCost = 16;

    // The largest message that is copied when the send queue takes it: a copy of more costs more than the system call that collecting bytes may save.
    private const int LargestCollected = 16 * 1024;

    // With more than this, the thread that posts sends: it goes on for long, perhaps on the very loop that would send.
    private const int SentAtOnce = 16 * 1024;

    private const int MaxSpare = 64;

    // A dictionary of more keys is given up when it is empty.
    private const int MostKeptKeys = 256;

    private readonly SegmentQueue _bytes = new(pool: null);
    private MessageRing _ring;

    // How many of the messages have a content, and so are not in _bytes.
    private int _withContent;

    // The bytes of all messages, with their entries.
    private long _cost;

    private Dictionary<OutboxKey, KeyedMessage>? _latest;
    private KeyedMessage? _spareKeyed;
    private int _spareKeyedCount;

    // Weak: the engine reaches this queue while it sends, and must not keep a connection alive that its user has dropped.
    private readonly WeakReference<IMessageQueueOwner> _owner = new(owner);

    /// <summary>Gets the owner; null if it was collected.</summary>
    public IMessageQueueOwner? Owner => _owner.TryGetTarget(out IMessageQueueOwner? target) ? target : null;

    public int Capacity => capacity;

    public OutboxFullMode FullMode => fullMode;

    public bool IsEmpty => _ring.Count == 0;

    /// <summary>Gets a value indicating whether so much waits that it should not wait for the next turn of the loop.</summary>
    public bool IsLong => _cost > SentAtOnce;

    /// <summary>Gets the number of messages.</summary>
    public int Count => _ring.Count;

    /// <summary>Gets the number of bytes of all messages.</summary>
    public long Length => _cost - ((long)EntryCost * _ring.Count);

    /// <summary>Gets the number of messages that were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Gets the number of messages that a later one with the same key has replaced.</summary>
    public long Replaced { get; private set; }

    /// <summary>Gets a value indicating whether no more messages are accepted. Set once, with <see cref="Close"/>.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Gets how long the first message has waited, or the one that it has replaced.</summary>
    public TimeSpan OldestAge => IsEmpty
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Math.Max(0, unchecked(Environment.TickCount - _ring.First.QueuedAt)));

    /// <summary>Queues a copy of a small message.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="dropped">The number of older messages that were dropped for it.</param>
    public PostOutcome Post(ReadOnlySpan<byte> bytes, out int dropped)
    {
        if (!TryMakeRoom(bytes.Length, out dropped))
        {
            return PostOutcome.Full;
        }

        _bytes.Write(bytes);
        Add(null, bytes.Length);
        return PostOutcome.Queued;
    }

    /// <summary>Queues a message, and takes over one reference to it if it is queued.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The low bits of the system's milliseconds.</param>
    /// <param name="dropped">The number of older messages that were dropped for it.</param>
    public PostOutcome Post(MessageBuffer message, int now, out int dropped)
    {
        if (!TryMakeRoom(message.Length, out dropped))
        {
            return PostOutcome.Full;
        }

        Add(message, message.Length, now);
        return PostOutcome.Queued;
    }

    /// <summary>
    /// Queues a message in the place of the queued one with the same key, or behind the others if there is none. Takes over one reference if it is
    /// queued.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="message">The message.</param>
    /// <param name="dropped">The number of older messages that were dropped for it.</param>
    public PostOutcome PostLatest(OutboxKey key, MessageBuffer message, out int dropped)
    {
        dropped = 0;
        _latest ??= [];
        if (TryReplace(key, message))
        {
            return PostOutcome.Queued;
        }

        if (!TryMakeRoom(message.Length, out dropped))
        {
            return PostOutcome.Full;
        }

        // Now it fits, if the queued one was not among those that were dropped.
        _latest ??= [];
        if (dropped > 0 && TryReplace(key, message))
        {
            return PostOutcome.Queued;
        }

        KeyedMessage keyed = TakeSpareKeyed();
        keyed.Key = key;
        keyed.Buffer = message;
        _latest.Add(key, keyed);
        Add(keyed, message.Length);
        return PostOutcome.Queued;
    }

    /// <summary>
    /// Moves messages to the end of <paramref name="queue"/>, until that holds <paramref name="limit"/> bytes or more. Not during a lease of it.
    /// </summary>
    /// <returns>The number of bytes moved.</returns>
    public long MoveTo(SegmentQueue queue, long limit)
    {
        long before = queue.Length;
        if (_withContent == 0 && before + _bytes.Length <= limit)
        {
            _bytes.MoveTo(queue);
            _ring.Clear();
            _cost = 0;
        }
        else
        {
            while (!IsEmpty && queue.Length < limit)
            {
                if (_ring.First.Content is MessageBuffer message)
                {
                    _ring.RemoveFirst();
                    _withContent--;
                    _cost -= message.Length + EntryCost;
                    MoveTo(queue, message);
                }
                else
                {
                    MoveFirst(queue, limit);
                }
            }
        }

        GrantWaiters();
        return queue.Length - before;
    }

    private bool TryReplace(OutboxKey key, MessageBuffer message)
    {
        if (!_latest!.TryGetValue(key, out KeyedMessage? queued) || _cost - queued.Buffer!.Length + message.Length > capacity)
        {
            return false;
        }

        _cost += message.Length - queued.Buffer.Length;
        queued.Buffer.Release();
        queued.Buffer = message;
        Replaced++;
        return true;
    }

    // Moves the first message if it has a key, or all up to the limit that are in _bytes.
    private void MoveFirst(SegmentQueue queue, long limit)
    {
        if (_ring.First.Content is KeyedMessage keyed)
        {
            RemoveFirst();
            MoveTo(queue, keyed.Buffer!);
            Recycle(keyed);
            return;
        }

        // 0 if all of them are empty.
        long length = 0;
        while (!IsEmpty && _ring.First.Content is null && queue.Length + length < limit)
        {
            length += RemoveFirst().Length;
        }

        _bytes.MoveTo(queue, length);
    }

    private static void MoveTo(SegmentQueue queue, MessageBuffer message)
    {
        if (message.Length <= LargestCollected)
        {
            queue.WriteShared(message.Span);
            message.Release();
        }
        else
        {
            queue.Append(BufferSegment.Wrap(message));
        }
    }

    private void Add(object? content, int length) => Add(content, length, Environment.TickCount);

    private void Add(object? content, int length, int now)
    {
        _ring.Add(new MessageEntry(content, length, now));
        _cost += length + EntryCost;
        if (content is not null)
        {
            _withContent++;
        }
    }

    // Removes the first entry, and its key if it has one. The caller moves or drops the bytes.
    private MessageEntry RemoveFirst()
    {
        MessageEntry entry = _ring.First;
        _ring.RemoveFirst();
        int length = entry.Length;
        if (entry.Content is not null)
        {
            _withContent--;
            if (entry.Content is KeyedMessage keyed)
            {
                length = keyed.Buffer!.Length;
                RemoveKey(keyed.Key);
            }
        }

        _cost -= length + EntryCost;
        return entry;
    }

    private void RemoveKey(OutboxKey key)
    {
        _latest!.Remove(key);
        if (_latest.Count == 0 && _latest.EnsureCapacity(0) > MostKeptKeys)
        {
            _latest = null;
        }
    }

    private KeyedMessage TakeSpareKeyed()
    {
        if (_spareKeyed is not { } spare)
        {
            return new KeyedMessage();
        }

        _spareKeyed = spare.Next;
        spare.Next = null;
        _spareKeyedCount--;
        return spare;
    }

    private void Recycle(KeyedMessage keyed)
    {
        keyed.Key = default;
        keyed.Buffer = null;
        if (_spareKeyedCount < MaxSpare)
        {
            keyed.Next = _spareKeyed;
            _spareKeyed = keyed;
            _spareKeyedCount++;
        }
    }
}
