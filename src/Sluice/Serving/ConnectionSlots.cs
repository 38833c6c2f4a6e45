namespace Sluice.Serving;

/// <summary>As many as may be served at once, which may change meanwhile: to fewer than there are, too, and then nobody gets in for a while.</summary>
internal sealed class ConnectionSlots(int limit)
{
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

    /// <summary>Takes a slot without waiting, even if there is none.</summary>
    /// <returns>Whether there was one.</returns>
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

    // Those who have given up meanwhile take no slot.
    private void GrantWaiters()
    {
        while (_used < _limit && _waiting.TryDequeue(out TaskCompletionSource? next))
        {
            _used += next.TrySetResult() ? 1 : 0;
        }
    }
}
