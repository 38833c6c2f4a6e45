using Sluice.Diagnostics;

namespace Sluice.Channels.Writing;

// Ending: properly, by a close, or with a failure.
internal sealed partial class SendQueue
{
    // Stands for the close, and is never thrown: the exception that says what has closed the sink is made for a caller that gets it.
    private static readonly ObjectDisposedException s_closed = new(null);

    // Written in the lock, read anywhere.
    private volatile bool _isCompleted;
    private volatile bool _isClosed;
    private volatile Exception? _failure;

    // Guarded by the lock.
    private TaskCompletionSource? _drained;
    private bool _tellsEnd;
    private bool _toldEnd;

    /// <summary>Whether the writer is done: the peer is told of the end after the last byte.</summary>
    public bool IsCompleted => _isCompleted;

    /// <summary>Whether the owner closes: writers get no more service, and what is written is still sent.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Why nothing can be sent any more; null while it can.</summary>
    public Exception? Failure => _failure;

    /// <summary>
    /// Accepts no more bytes, sends what is written, and then tells the peer of the end. Any thread may call this, so memory that is leased stays
    /// with its writer.
    /// </summary>
    public void Complete()
    {
        using (Enter())
        {
            _isCompleted = true;
            _messages?.Close();
        }

        TellOwnerOfEnd();
        Send();
    }

    /// <summary>Ends the writer's wait, and goes on sending.</summary>
    /// <returns>A task that completes when all is sent, or can no longer be.</returns>
    public Task Close()
    {
        Task drained;
        using (Enter())
        {
            _isClosed = true;
            _messages?.Close();
            drained = _failure is not null || (IsEmpty && !HasMessages && !IsEndToBeTold)
                ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        Progress?.Set();
        TellOwnerOfEnd();
        Send();
        return drained;
    }

    /// <summary>Refuses writers from now on, and wakes none: <see cref="Close"/> follows.</summary>
    public void Refuse()
    {
        lock (_queue)
        {
            _isClosed = true;
        }
    }

    /// <summary>Gives up because the owner has closed: drops what is not sent, and ends every wait.</summary>
    public void FailByClose() => Fail(s_closed);

    /// <summary>Gives up: drops what is not sent, and ends every wait.</summary>
    public void Fail(Exception failure)
    {
        int discarded;
        using (Enter())
        {
            _failure ??= failure;
            discarded = _messages?.Discard() ?? 0;
            ClearIfUnused();
            _drained?.TrySetResult();
        }

        Progress?.Set();
        TellOwnerOfEnd(discarded);
    }

    // Outside the lock: the sink may complete a pipe of the user's.
    private void TellEnd()
    {
        Exception? failure = null;
        try
        {
            Sink.ShutdownOutput();
        }
        catch (ObjectDisposedException)
        {
            // The sink was closed, which told the peer the same.
        }
        catch (Exception exception)
        {
            failure = exception as IOException ?? new IOException(ExceptionText.Of(exception), exception);
        }

        bool isAwaited;
        lock (_queue)
        {
            _toldEnd = true;
            isAwaited = IsAwaited;
            _drained?.TrySetResult();
        }

        if (failure is not null)
        {
            Fail(failure);
        }
        else if (isAwaited)
        {
            Progress?.Set();
        }
    }

    // The rest runs in the lock.

    private bool IsEndToBeTold => _isCompleted && !_toldEnd;

    // The next step once all is sent.
    private Step TakeEnd()
    {
        if (_isCompleted && !_tellsEnd)
        {
            _tellsEnd = true;
            return Step.TellEnd;
        }

        if (!IsEndToBeTold)
        {
            _drained?.TrySetResult();
        }

        return Step.None;
    }

    // Memory that a writer fills, or that the sink reads, is freed when they are done with it.
    private void ClearIfUnused()
    {
        if (_sending)
        {
            return;
        }

        DropExternal();
        if (!_queue.IsLeased)
        {
            _queue.Clear();
        }
    }
}
