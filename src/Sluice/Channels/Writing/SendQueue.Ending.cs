namespace Sluice.Channels.Writing;

/// <summary>The end: a proper one, or a failure.</summary>
internal sealed partial class SendQueue
{
    private TaskCompletionSource? _drained;
    private bool _tellsEnd;
    private bool _toldEnd;

    /// <summary>Whether the writer is done: after the last byte, the peer is told.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>Whether the owner closes: writers are no longer served, but what is written is still sent.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Why nothing can be sent any more; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>
    /// Nothing more will be written: sends what is, and then tells the peer. Memory that is leased stays the writer's, for any thread may say so.
    /// </summary>
    public void Complete()
    {
        lock (_queue)
        {
            IsCompleted = true;
        }

        Send();
    }

    /// <summary>Gives back leased memory that its writer is done with.</summary>
    /// <param name="writers">How many writers are in the way: what is leased then is that writer's.</param>
    public void EndLease(ref int writers)
    {
        using (Enter())
        {
            if (Volatile.Read(ref writers) == 0)
            {
                _queue.EndLease();
                if (Failure is not null)
                {
                    ClearIfUnused();
                }
            }
        }
    }

    /// <summary>Ends the writer's wait, and goes on sending. The result completes when all is sent, or never will be.</summary>
    public Task Close()
    {
        Task drained;
        lock (_queue)
        {
            IsClosed = true;
            drained = Failure is not null || (IsEmpty && !IsEndToBeTold)
                ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        Progress?.Set();
        Send();
        return drained;
    }

    /// <summary>Serves writers no longer, and wakes none: <see cref="Close"/> follows.</summary>
    public void Refuse()
    {
        lock (_queue)
        {
            IsClosed = true;
        }
    }

    /// <summary>Gives up: what is not sent is dropped, and whoever waits is told.</summary>
    public void Fail(Exception failure)
    {
        using (Enter())
        {
            Failure ??= failure;
            ClearIfUnused();
            _drained?.TrySetResult();
        }

        Progress?.Set();
    }

    // Outside the lock: a pipe is completed by code of the user's.
    private void TellEnd()
    {
        Exception? failure = null;
        try
        {
            _sink.ShutdownOutput();
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile, which told the peer the same.
        }
        catch (Exception exception)
        {
            failure = exception as IOException ?? new IOException(exception.Message, exception);
        }

        bool isAwaited;
        lock (_queue)
        {
            _toldEnd = true;
            isAwaited = _awaited != long.MaxValue;
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

    private bool IsEndToBeTold => IsCompleted && !_toldEnd;

    // All is sent.
    private Step TakeEnd()
    {
        if (IsCompleted && !_tellsEnd)
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

    // Memory that a writer fills or the sink still reads goes back when they are done.
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
