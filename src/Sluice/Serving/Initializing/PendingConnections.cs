using Sluice.Options;

namespace Sluice.Serving.Initializing;

/// <summary>
/// Limits the number of connections that are being initialized, or are initialized and not yet accepted by the caller. At the limit, the oldest one that
/// has taken long is aborted to make room: clients that connect and send nothing cannot block the others.
/// </summary>
internal sealed class PendingConnections(int max, TimeProvider timeProvider)
{
    // Several round trips, and short compared to the timeout of an initialization when no other connection waits.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slots = new(max);

    // Guards the fields below. The clock, which may be the user's, is asked outside of it.
    private readonly Lock _lock = new();
    private readonly LinkedList<(StreamSocket Socket, long Since)> _initializing = new();
    private bool _closed;

    /// <summary>Waits for a free slot, and aborts old connections if none becomes free.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        bool entered = false;
        while (!entered && !_slots.Wait(0, CancellationToken.None))
        {
            try
            {
                entered = await WaitForOldestAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Of the clock. It is asked again after a pause of the system's time, or once a slot is free.
                entered = await _slots.WaitAsync(s_grace, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Adds a connection whose initialization begins. Must be paired with <see cref="Complete"/>.</summary>
    public LinkedListNode<(StreamSocket Socket, long Since)> Begin(StreamSocket socket)
    {
        LinkedListNode<(StreamSocket Socket, long Since)> node;
        bool closed;
        long now = timeProvider.GetTimestamp();
        lock (_lock)
        {
            node = _initializing.AddLast((socket, now));
            closed = _closed;
        }

        if (closed)
        {
            socket.Abort();
        }

        return node;
    }

    /// <summary>Removes a connection that is initialized or refused.</summary>
    public void Complete(LinkedListNode<(StreamSocket Socket, long Since)> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _initializing.Remove(node);
            }
        }
    }

    /// <summary>Frees the slot of a connection that was accepted by the caller, or refused.</summary>
    public void Release() => _slots.Release();

    /// <summary>Aborts the connections that are being initialized, now and from now on.</summary>
    public void AbortAll()
    {
        List<StreamSocket> initializing;
        lock (_lock)
        {
            _closed = true;
            initializing = [.. _initializing.Select(entry => entry.Socket)];
        }

        initializing.ForEach(socket => socket.Abort());
    }

    // Waits for a free slot until the oldest connection may be aborted, and then aborts it. False if no slot became free.
    private async ValueTask<bool> WaitForOldestAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(UntilOldestMayBeAborted(), timeProvider, cancellationToken);
        try
        {
            await _slots.WaitAsync(deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (deadline.HasPassed())
        {
            AbortOldest();
            return false;
        }
    }

    // Infinite if all connections are initialized, and wait for the caller to accept them.
    private TimeSpan UntilOldestMayBeAborted()
    {
        long since;
        lock (_lock)
        {
            if (_initializing.First is not { } oldest)
            {
                return Timeout.InfiniteTimeSpan;
            }

            since = oldest.Value.Since;
        }

        TimeSpan left = s_grace - timeProvider.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private void AbortOldest()
    {
        StreamSocket? socket = null;
        long latest = timeProvider.GetTimestamp() - (long)(s_grace.TotalSeconds * timeProvider.TimestampFrequency);
        lock (_lock)
        {
            if (_initializing.First is { } oldest && oldest.Value.Since <= latest)
            {
                socket = oldest.Value.Socket;
                _initializing.Remove(oldest);
            }
        }

        socket?.Abort();
    }
}
