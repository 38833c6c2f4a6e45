namespace Sluice.Channels.Messages;

// Waiting: callers whose messages do not fit yet, first come first served.
internal sealed partial class MessageQueue
{
    private PostWaiter? _firstWaiter;
    private PostWaiter? _lastWaiter;
    private int _waiting;

    // Those whose wait has ended, linked by Next, until TakeEnded.
    private PostWaiter? _ended;
    private PostWaiter? _lastEnded;

    private PostWaiter? _spareWaiter;
    private int _spareWaiters;

    /// <summary>Gets the largest number of callers that may wait.</summary>
    public int MaxWaiting => maxWaiting;

    /// <summary>Queues a message if it fits and no caller waits before it. Takes over one reference if it is queued. Drops none.</summary>
    public bool TryPost(MessageBuffer message)
    {
        bool fits = _firstWaiter is null && Fits(message.Length);
        if (fits)
        {
            Add(message, message.Length);
        }

        return fits;
    }

    /// <summary>Queues a copy of a small message if it fits and no caller waits before it. Drops none.</summary>
    public bool TryPost(ReadOnlySpan<byte> bytes)
    {
        bool fits = _firstWaiter is null && Fits(bytes.Length);
        if (fits)
        {
            _bytes.Write(bytes);
            Add(null, bytes.Length);
        }

        return fits;
    }

    /// <summary>Queues a caller that waits; false if too many wait already.</summary>
    public bool TryWait(PostWaiter waiter)
    {
        if (_waiting == maxWaiting)
        {
            return false;
        }

        waiter.IsWaiting = true;
        waiter.Previous = _lastWaiter;
        if (_lastWaiter is { } last)
        {
            last.Next = waiter;
        }
        else
        {
            _firstWaiter = waiter;
        }

        _lastWaiter = waiter;
        _waiting++;
        return true;
    }

    /// <summary>Ends the wait of a caller; false if it has ended.</summary>
    public bool TryCancel(PostWaiter waiter)
    {
        if (!waiter.IsWaiting)
        {
            return false;
        }

        End(waiter, PostWaiter.Outcome.Canceled);

        // It may have been the first, and those behind it need less room.
        GrantWaiters();
        return true;
    }

    /// <summary>Takes the callers whose wait has ended, linked by <see cref="PostWaiter.Next"/>: to be completed outside the lock.</summary>
    public PostWaiter? TakeEnded()
    {
        PostWaiter? ended = _ended;
        _ended = null;
        _lastEnded = null;
        return ended;
    }

    public PostWaiter? TakeSpareWaiter()
    {
        PostWaiter? spare = _spareWaiter;
        if (spare is not null)
        {
            _spareWaiter = spare.Next;
            spare.Next = null;
            _spareWaiters--;
        }

        return spare;
    }

    public void Recycle(PostWaiter waiter)
    {
        waiter.Message = null;
        if (_spareWaiters < MaxSpare)
        {
            waiter.Next = _spareWaiter;
            _spareWaiter = waiter;
            _spareWaiters++;
        }
    }

    private void GrantWaiters()
    {
        while (_firstWaiter is { } first && Fits(first.Message!.Length))
        {
            Add(first.Message, first.Message.Length);
            End(first, PostWaiter.Outcome.Queued);
        }
    }

    private void EndWaits()
    {
        while (_firstWaiter is { } first)
        {
            End(first, PostWaiter.Outcome.Closed);
        }
    }

    private void End(PostWaiter waiter, PostWaiter.Outcome outcome)
    {
        if (waiter.Previous is { } previous)
        {
            previous.Next = waiter.Next;
        }
        else
        {
            _firstWaiter = waiter.Next;
        }

        if (waiter.Next is { } next)
        {
            next.Previous = waiter.Previous;
        }
        else
        {
            _lastWaiter = waiter.Previous;
        }

        waiter.Previous = null;
        waiter.IsWaiting = false;
        waiter.Result = outcome;
        waiter.Next = null;
        if (_lastEnded is { } lastEnded)
        {
            lastEnded.Next = waiter;
        }
        else
        {
            _ended = waiter;
        }

        _lastEnded = waiter;
        _waiting--;
    }
}
