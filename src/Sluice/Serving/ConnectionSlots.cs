namespace Sluice.Serving;

/// <summary>Limits the number of connections that are served at the same time. The limit may change at any time, also to fewer than there are.</summary>
internal sealed class ConnectionSlots(int limit)
{
    // Guards the fields below.
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _limit = limit;
    private int _used;

    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource waiting;
        lock (_lock)
        {
            if (_used < _limit)
            {
                _used++;
                return;
            }

            waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiting);
        }

        await using (cancellationToken.UnsafeRegister((_, token) => waiting.TrySetCanceled(token), null).ConfigureAwait(false))
        {
            await waiting.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Takes a slot without waiting, even beyond the limit.</summary>
    /// <returns>Whether the slot is within the limit.</returns>
    public bool AcquireBeyondLimit()
    {
        lock (_lock)
        {
            return _used++ < _limit;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _used--;
            GrantWaiters();
        }
    }

    public void Resize(int limit)
    {
        lock (_lock)
        {
            _limit = limit;
            GrantWaiters();
        }
    }

    // Called under the lock. A waiter whose token was cancelled takes no slot.
    private void GrantWaiters()
    {
        while (_used < _limit && _waiting.TryDequeue(out TaskCompletionSource? next))
        {
            _used += next.TrySetResult() ? 1 : 0;
        }
    }
}
