using Sluice.Channels.Messages;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

// Messages of many writers: a queue in front of this one, from which it takes whole messages while it has room and no write is in progress.
internal sealed partial class SendQueue
{
    private const int NoWriter = 0;
    private const int Writing = 1;

    // As Writing, and messages wait for the end of the write: its writer takes them then.
    private const int WritingBeforeMessages = 2;

    // A writer that writes again at once leaves this much room for messages between two writes, even if the queue is full.
    private const int RoomBetweenWrites = 16 * 1024;

    // Written in the lock, by the first post, and read without it after the end.
    private MessageQueue? _messages;

    // Guarded by the lock. Whether a pipe's writer has got memory since its last flush.
    private bool _inPipeWrite;

    // Written in the lock.
    private volatile MessageRefusal _refusal;

    /// <summary>Why messages are refused although the channel is open.</summary>
    public MessageRefusal Refusal => _refusal;

    // In the lock.
    private bool HasMessages => _messages is { IsEmpty: false };

    // In the lock.
    private bool AcceptsMessages => CanAppend && !_isClosed && _refusal == MessageRefusal.None;

    // In the lock. The first reason stays.
    private void Refuse(MessageRefusal why) => _refusal = _refusal == MessageRefusal.None ? why : _refusal;

    /// <summary>Attaches a queue of messages; false if no messages are accepted any more.</summary>
    public bool TryAttach(MessageQueue messages)
    {
        lock (_queue)
        {
            return TryAttachLocked(messages);
        }
    }

    /// <summary>Posts a small message, which is copied.</summary>
    /// <param name="messages">The queue, which the first call attaches.</param>
    /// <param name="bytes">The message, of at most <see cref="MessageQueue.LargestCopied"/> bytes.</param>
    /// <param name="together">Whether more posts to other connections follow: then nothing is sent on this thread.</param>
    /// <param name="dropped">The number of older messages that were dropped.</param>
    public PostOutcome Post(MessageQueue messages, ReadOnlySpan<byte> bytes, bool together, out int dropped)
    {
        PostOutcome outcome;
        bool needsFlush;
        bool isLong = false;
        lock (_queue)
        {
            dropped = 0;
            outcome = TryAttachLocked(messages) ? messages.Post(bytes, out dropped) : RefuseLocked(messages);
            needsFlush = outcome == PostOutcome.Queued && NeedsFlushOfMessages(out isLong);
        }

        FlushPosted(needsFlush, isLong, together);
        return outcome;
    }

    /// <summary>Refuses a message, which counts as dropped: as closed if nothing more is accepted, else as one that can never fit.</summary>
    public PostOutcome Refuse(MessageQueue messages)
    {
        lock (_queue)
        {
            messages.CountRefused();
            return AcceptsMessages ? PostOutcome.Full : PostOutcome.Closed;
        }
    }

    /// <summary>Posts a message, of which it takes over one reference if it is queued.</summary>
    /// <param name="messages">The queue, which the first call attaches.</param>
    /// <param name="message">The message.</param>
    /// <param name="now">The low bits of the system's milliseconds.</param>
    /// <param name="together">Whether more posts to other connections follow: then nothing is sent on this thread.</param>
    /// <param name="dropped">The number of older messages that were dropped.</param>
    public PostOutcome Post(MessageQueue messages, MessageBuffer message, int now, bool together, out int dropped)
    {
        PostOutcome outcome;
        bool needsFlush;
        bool isLong = false;
        lock (_queue)
        {
            dropped = 0;
            outcome = TryAttachLocked(messages) ? messages.Post(message, now, out dropped) : RefuseLocked(messages);
            needsFlush = outcome == PostOutcome.Queued && NeedsFlushOfMessages(out isLong);
        }

        FlushPosted(needsFlush, isLong, together);
        return outcome;
    }

    /// <summary>Posts a message in the place of a queued one with the same key; see <see cref="MessageQueue.PostLatest"/>.</summary>
    public PostOutcome PostLatest(MessageQueue messages, OutboxKey key, MessageBuffer message, bool together, out int dropped)
    {
        PostOutcome outcome;
        bool needsFlush;
        bool isLong = false;
        lock (_queue)
        {
            dropped = 0;
            outcome = TryAttachLocked(messages) ? messages.PostLatest(key, message, out dropped) : RefuseLocked(messages);
            needsFlush = outcome == PostOutcome.Queued && NeedsFlushOfMessages(out isLong);
        }

        FlushPosted(needsFlush, isLong, together);
        return outcome;
    }

    /// <summary>Posts a message if it fits, and drops none for it. Takes over one reference if it is queued.</summary>
    public PostOutcome TryPost(MessageQueue messages, MessageBuffer message)
    {
        PostOutcome outcome;
        bool needsFlush;
        bool isLong = false;
        lock (_queue)
        {
            outcome = !TryAttachLocked(messages) ? PostOutcome.Closed
                : messages.TryPost(message) ? PostOutcome.Queued
                : PostOutcome.Full;
            needsFlush = outcome == PostOutcome.Queued && NeedsFlushOfMessages(out isLong);
        }

        FlushPosted(needsFlush, isLong, together: false);
        return outcome;
    }

    /// <summary>Posts a small message, which is copied, if it fits, and drops none for it.</summary>
    public PostOutcome TryPost(MessageQueue messages, ReadOnlySpan<byte> bytes)
    {
        PostOutcome outcome;
        bool needsFlush;
        bool isLong = false;
        lock (_queue)
        {
            outcome = !TryAttachLocked(messages) ? PostOutcome.Closed
                : messages.TryPost(bytes) ? PostOutcome.Queued
                : PostOutcome.Full;
            needsFlush = outcome == PostOutcome.Queued && NeedsFlushOfMessages(out isLong);
        }

        FlushPosted(needsFlush, isLong, together: false);
        return outcome;
    }

    /// <summary>
    /// Queues a message as <see cref="TryPost(MessageQueue, MessageBuffer)"/> does, or begins to wait until it fits: then the outcome is
    /// <see cref="PostOutcome.Full"/>, and the waiter is set. Without a waiter too many wait already.
    /// </summary>
    public PostOutcome TryPostOrWait(MessageQueue messages, MessageBuffer message, CancellationToken cancellationToken, out PostWaiter? waiter)
    {
        lock (_queue)
        {
            waiter = messages.TakeSpareWaiter();
        }

        waiter ??= new PostWaiter(this);
        waiter.Begin(message, cancellationToken);
        PostOutcome outcome;
        bool needsFlush = false;
        bool isLong = false;
        bool waits = false;
        lock (_queue)
        {
            if (!TryAttachLocked(messages))
            {
                outcome = PostOutcome.Closed;
            }
            else if (messages.TryPost(message))
            {
                outcome = PostOutcome.Queued;
                needsFlush = NeedsFlushOfMessages(out isLong);
            }
            else
            {
                outcome = PostOutcome.Full;
                waits = messages.TryWait(waiter);
            }
        }

        if (!waits)
        {
            waiter.End();
            Recycle(messages, waiter);
            waiter = null;
        }

        FlushPosted(needsFlush, isLong, together: false);
        return outcome;
    }

    /// <summary>Ends the wait of a caller, if it has not ended.</summary>
    public void CancelWait(PostWaiter waiter)
    {
        bool needsFlush;
        using (Enter())
        {
            needsFlush = _messages is { } messages && messages.TryCancel(waiter) && HasMessages && NeedsFlushOfMessages(out _);
        }

        // On the pool: the caller cancels a token.
        if (needsFlush)
        {
            PoolWork.Queue(this);
        }
    }

    /// <summary>Keeps a waiter for the next wait.</summary>
    public void Recycle(MessageQueue messages, PostWaiter waiter)
    {
        lock (_queue)
        {
            messages.Recycle(waiter);
        }
    }

    /// <summary>Reads from a queue of messages in the lock.</summary>
    public T Read<T>(MessageQueue messages, Func<MessageQueue, T> value)
    {
        lock (_queue)
        {
            return value(messages);
        }
    }

    /// <summary>Whether memory is leased, so that messages wait for the end of the lease.</summary>
    public bool IsLeased
    {
        get
        {
            lock (_queue)
            {
                return _queue.IsLeased;
            }
        }
    }

    /// <summary>Refuses messages from now on, and ends every wait for room. Those that are queued are still sent.</summary>
    public void RefuseMessages()
    {
        using (Enter())
        {
            Refuse(MessageRefusal.Upgraded);
            _messages?.Close();
        }

        TellOwnerOfEnd();
    }

    /// <summary>Refuses and drops all messages: only the beginning of a write was written, and what follows it would be taken for its rest.</summary>
    public void CutMessagesOff()
    {
        int discarded;
        using (Enter())
        {
            Refuse(MessageRefusal.CutShort);
            discarded = _messages?.Discard() ?? 0;
        }

        TellOwnerOfEnd(discarded);
        if (discarded > 0)
        {
            // A close may wait for the messages.
            Send();
        }
    }

    /// <summary>Ends what a pipe's writer has written since its last flush: messages may follow it.</summary>
    public void EndPipeWrite()
    {
        // The writer itself has set it.
        if (Volatile.Read(ref _inPipeWrite))
        {
            lock (_queue)
            {
                _inPipeWrite = false;
            }
        }
    }

    // The writer has given its role back while messages waited for that.
    private void TakeMessagesAfterWrite()
    {
        bool needsFlush;
        using (Enter())
        {
            TakeMessages(Limit + RoomBetweenWrites);
            needsFlush = NeedsFlush();
        }

        FlushIf(needsFlush);
    }

    // Outside the lock, with what NeedsFlushOfMessages said in it. Messages that are posted in a turn, or in a burst elsewhere, leave in a later turn of
    // the peer's loop, with all that are posted until then. Only a single message of a thread without a turn leaves on that thread.
    private void FlushPosted(bool needsFlush, bool isLong, bool together)
    {
        if (isLong)
        {
            // A flush that is scheduled stays so: the queue may stand in a list of flushes.
            Send();
        }

        if (!needsFlush)
        {
            return;
        }

        if (!together && LoopTurn.Current is null && Sink.Receives is not null && !IsInBurst())
        {
            RunScheduledFlush();
        }
        else if (Sink.Scheduler.IsNeverHeldUp)
        {
            _gathers = !together;
            Sink.Scheduler.Schedule(this);
        }
        else
        {
            PoolWork.Queue(this);
        }
    }

    private void TellOwnerOfEnd(int discarded = 0)
    {
        // The caller has left the lock after it refused messages, so that no other thread attaches a queue from then on.
        if (Volatile.Read(ref _messages) is not { } messages)
        {
            return;
        }

        bool tells;
        lock (_queue)
        {
            tells = messages.TakeClosed();
        }

        if (discarded > 0)
        {
            messages.Owner?.OnDiscarded(discarded);
        }

        if (tells)
        {
            messages.Owner?.OnClosed();
        }
    }

    private static void CompleteAll(PostWaiter? ended)
    {
        while (ended is { } waiter)
        {
            ended = waiter.Next;
            waiter.Next = null;
            waiter.Complete();
        }
    }

    // The rest runs in the lock.

    private bool TryAttachLocked(MessageQueue messages)
    {
        if (!AcceptsMessages)
        {
            return false;
        }

        _messages ??= messages;
        return true;
    }

    private static PostOutcome RefuseLocked(MessageQueue messages)
    {
        messages.CountRefused();
        return PostOutcome.Closed;
    }

    // Whether the caller has to flush messages when it has left the lock: not if the writer, the sender or a flush that is scheduled does.
    private bool NeedsFlushOfMessages(out bool isLong)
    {
        isLong = false;
        if (!IsBetweenWrites() || _sending)
        {
            return false;
        }

        isLong = _messages!.IsLong;
        return !isLong && NeedsFlush();
    }

    private void TakeMessages(int limit)
    {
        if (_messages is { IsEmpty: false } messages && _queue.Length < limit && IsBetweenWrites())
        {
            AddWritten(messages.MoveTo(_queue, limit));
        }
    }

    // Whether messages may follow what is written now. If not, the end of the write takes them.
    private bool IsBetweenWrites()
    {
        if (_queue.IsLeased || (_inPipeWrite && !_isCompleted && !_isClosed))
        {
            // The writer holds the role and takes them at its end, or it is a pipe's: then its flush takes them. After the completion or the close there is
            // no such flush, and what the pipe has written is all that it will have written.
            MarkWriter();
            return false;
        }

        // After the completion no write goes on: the role is held by the one who waits for the end.
        return _isCompleted || !MarkWriter();
    }

    // Tells a writer that holds the role to take messages when it gives it back; false if no writer does.
    private bool MarkWriter()
    {
        int writer = Volatile.Read(ref _writers);
        while (writer != NoWriter)
        {
            if (writer == WritingBeforeMessages)
            {
                return true;
            }

            int seen = Interlocked.CompareExchange(ref _writers, WritingBeforeMessages, Writing);
            if (seen == Writing)
            {
                return true;
            }

            writer = seen;
        }

        return false;
    }
}
