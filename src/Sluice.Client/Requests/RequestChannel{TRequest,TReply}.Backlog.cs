using System.Buffers;
using Sluice.Client.Requests;

namespace Sluice.Client;

// The backlog: encoded requests for which there is no room, in flight or in the connection's output. One task at a time writes them, while there is room in
// flight. Whatever makes room in flight looks at the backlog.
public sealed partial class RequestChannel<TRequest, TReply>
{
    // Guarded by _lock, like the next two.
    private readonly LinkedList<PendingRequest<TRequest, TReply>> _backlog = [];
    private long _queuedBytes;

    // Whether a task writes: then nothing else may be appended to the output.
    private bool _isWriting;

    // Guarded by _lock. The one-way message that the task writes, until its caller gives up: it is neither in the backlog nor among the sent requests.
    private PendingRequest<TRequest, TReply>? _written;

    // The rest runs under the lock, up to StartWriting.

    private void Enqueue(PendingRequest<TRequest, TReply> pending, TRequest request, ReadOnlySpan<byte> bytes)
    {
        if (_backlog.Count >= _maxQueued || (_backlog.Count > 0 && _queuedBytes + bytes.Length > _maxQueuedBytes))
        {
            throw new RequestException(
                $"{_backlog.Count} requests with {_queuedBytes} bytes wait to be sent already.", innerException: null, RequestDelivery.NotSent);
        }

        pending.Bytes = ArrayPool<byte>.Shared.Rent(bytes.Length);
        pending.Length = bytes.Length;
        bytes.CopyTo(pending.Bytes);
        pending.Request = request;
        pending.Phase = RequestPhase.Queued;
        _backlog.AddLast(pending.Node);
        _queuedBytes += bytes.Length;
    }

    // The caller gets the array, and has to return it.
    private byte[] Dequeue(PendingRequest<TRequest, TReply> pending)
    {
        _backlog.Remove(pending.Node);
        _queuedBytes -= pending.Length;
        byte[] bytes = pending.Bytes!;
        pending.Bytes = null;
        pending.Request = default;
        return bytes;
    }

    private PendingRequest<TRequest, TReply>? NextToSend() =>
        _backlog.First?.Value is { } next && (next.IsOneWay || _matcher.InFlight < _maxInFlight) ? next : null;

    // Whether the caller has to call StartWriting when it has left the lock.
    private bool TryBeginWriting()
    {
        if (_isWriting || _isEnded || NextToSend() is null)
        {
            return false;
        }

        _isWriting = true;
        return true;
    }

    // Appends what has room now to the output. Returns as TryBeginWriting does. The caller flushes, and runs the completions, when it has left the lock.
    private bool DrainBacklog(ref bool needsFlush, ref bool hasEnded)
    {
        while (!_isWriting && !_isEnded && NextToSend() is { } pending)
        {
            if (!TryPost(pending, pending.Request!, pending.Bytes.AsSpan(0, pending.Length), ref needsFlush))
            {
                return TryBeginWriting();
            }

            ArrayPool<byte>.Shared.Return(Dequeue(pending));
            if (pending.IsOneWay)
            {
                End(pending, failure: null);
                hasEnded = true;
            }
        }

        return false;
    }

    // Outside the lock, after room was made.
    private void ContinueBacklog()
    {
        bool needsFlush = false;
        bool hasEnded = false;
        bool writes;
        lock (_lock)
        {
            writes = _backlog.Count > 0 && DrainBacklog(ref needsFlush, ref hasEnded);
        }

        try
        {
            if (needsFlush)
            {
                _output.FlushAppended(soon: false);
            }
        }
        finally
        {
            // The flush may call a clock of the user's, which may throw.
            if (writes)
            {
                StartWriting();
            }

            if (hasEnded)
            {
                _completions.RunOnPool();
            }
        }
    }

    // Outside the lock. The task never fails.
    private void StartWriting() => _ = Background.Start(WriteBacklogAsync);

    private void EndWritten(Exception? failure)
    {
        lock (_lock)
        {
            if (_written is not { } written)
            {
                return;
            }

            _written = null;
            End(written, failure is null ? null : Failure(failure, RequestDelivery.MaybeSent));
        }

        _completions.RunOnPool();
    }

    private async Task WriteBacklogAsync()
    {
        while (true)
        {
            PendingRequest<TRequest, TReply> pending;
            byte[] bytes;
            int length;
            lock (_lock)
            {
                if (_isEnded || NextToSend() is not { } next)
                {
                    _isWriting = false;
                    return;
                }

                pending = next;
                length = pending.Length;
                TRequest request = pending.Request!;
                bytes = Dequeue(pending);
                MarkSent(pending, request);
                _written = pending.IsOneWay ? pending : null;
            }

            Exception? failure = null;
            try
            {
                await _output.WriteAsync(bytes.AsMemory(0, length)).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            ArrayPool<byte>.Shared.Return(bytes);
            EndWritten(failure);

            if (failure is not null)
            {
                Fail(failure);
            }
        }
    }
}
