using Sluice.Channels.Framing;
using Sluice.Client.Requests;

namespace Sluice.Client;

// The way of a request into the connection's output, or into the backlog. The protocol encodes it on the caller's thread, outside the lock. The lock then fixes
// its place, both in the order of the bytes and in that of the replies.
public sealed partial class RequestChannel<TRequest, TReply>
{
    // Encodes the request, and sends or queues it. Null if it is one-way and sent.
    private PendingRequest<TRequest, TReply>? Start(TRequest request, bool isOneWay, TimeSpan timeout)
    {
        PendingRequest<TRequest, TReply> pending = Rent(isOneWay);
        FrameBuffer buffer = FrameBuffer.Rent();
        FollowUp next;
        try
        {
            _matcher.Encode(request, pending, buffer);
            if (buffer.Written.IsEmpty)
            {
                throw new InvalidOperationException("The protocol has encoded a request as no bytes.");
            }

            pending.Timeout = timeout;
            pending.Due = GetDue(timeout);
            next = Submit(pending, request, buffer.Written.Span);
        }
        catch
        {
            Withdraw(pending);
            throw;
        }
        finally
        {
            buffer.Return();
        }

        // From here on, another thread may end the request.
        bool isOver = isOneWay && next.IsPosted;
        if (isOver)
        {
            Return(pending);
        }

        Follow(next);
        return isOver ? null : pending;
    }

    private PendingRequest<TRequest, TReply> Rent(bool isOneWay)
    {
        lock (_lock)
        {
            ThrowIfEnded();
            PendingRequest<TRequest, TReply> pending = _free ?? new PendingRequest<TRequest, TReply>(this);
            if (ReferenceEquals(pending, _free))
            {
                _free = pending.NextFree;
                pending.NextFree = null;
                _freeCount--;
            }

            pending.IsOneWay = isOneWay;
            try
            {
                _matcher.Begin(pending);
            }
            catch
            {
                pending.NextFree = _free;
                _free = pending;
                _freeCount++;
                throw;
            }

            pending.Phase = RequestPhase.Encoding;
            return pending;
        }
    }

    private void Withdraw(PendingRequest<TRequest, TReply> pending)
    {
        lock (_lock)
        {
            _matcher.Forget(pending);
        }

        Return(pending);
    }

    // Sends or queues the request, or throws and leaves it to the caller.
    private FollowUp Submit(PendingRequest<TRequest, TReply> pending, TRequest request, ReadOnlySpan<byte> bytes)
    {
        var next = default(FollowUp);
        lock (_lock)
        {
            ThrowIfEnded();
            next.IsPosted = _backlog.Count == 0 && !_isWriting
                && (pending.IsOneWay || _matcher.InFlight < _maxInFlight)
                && TryPost(pending, request, bytes, ref next.NeedsFlush);
            if (!next.IsPosted)
            {
                Enqueue(pending, request, bytes);
                next.Writes = TryBeginWriting();
            }

            next.Arms = !(next.IsPosted && pending.IsOneWay) && Arms(pending);
        }

        return next;
    }

    private void Follow(in FollowUp next)
    {
        try
        {
            if (next.NeedsFlush)
            {
                _output.FlushAppended(soon: CompletionQueue.HasMore);
            }
        }
        finally
        {
            // The flush may call a clock of the user's, which may throw. Other requests wait for the writer and the timer.
            if (next.Writes)
            {
                StartWriting();
            }

            if (next.Arms)
            {
                _deadline.UpdateOrLater();
            }
        }
    }

    // Under the lock: appends the request to the output, if it fits.
    private bool TryPost(PendingRequest<TRequest, TReply> pending, TRequest request, ReadOnlySpan<byte> bytes, ref bool needsFlush)
    {
        if (!_output.TryAppendUnflushed(bytes, out bool flush))
        {
            return false;
        }

        needsFlush |= flush;
        MarkSent(pending, request);
        return true;
    }

    private void MarkSent(PendingRequest<TRequest, TReply> pending, TRequest request)
    {
        pending.Phase = RequestPhase.Sent;
        if (!pending.IsOneWay)
        {
            _matcher.Send(pending, request);
        }
    }

    /// <summary>The work that a submission leaves to do outside the lock.</summary>
    private struct FollowUp
    {
        /// <summary>Whether the request is in the connection's output.</summary>
        public bool IsPosted;

        /// <summary>Whether the output has to be flushed.</summary>
        public bool NeedsFlush;

        /// <summary>Whether the task that writes the backlog has to be started.</summary>
        public bool Writes;

        /// <summary>Whether the timer has to be set anew.</summary>
        public bool Arms;
    }
}
