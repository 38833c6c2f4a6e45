using Sluice.Options;

namespace Sluice.Serving.Initializing;

/// <summary>
/// Counts connections that are being prepared, or are and were not yet asked for. When there are as many as may be, one that has taken long
/// makes room for the next: those who connect and say nothing keep nobody out.
/// </summary>
internal sealed class PendingConnections(int max, TimeProvider timeProvider)
{
    // Long enough for several ways there and back, and short against how long one may take when nobody waits.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slots = new(max);
    private readonly LinkedList<(StreamSocket Socket, long Since)> _preparing = new();
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>Waits for room, and makes it if nothing else does.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        while (!_slots.Wait(0, CancellationToken.None))
        {
            using var patience = new Deadline(UntilOneIsOld(), timeProvider, cancellationToken);
            try
            {
                await _slots.WaitAsync(patience.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (patience.HasPassed())
            {
                AbortOldest();
            }
        }
    }

    /// <summary>It is being prepared. To be paired with <see cref="Done"/>.</summary>
    public LinkedListNode<(StreamSocket Socket, long Since)> Begin(StreamSocket socket)
    {
        LinkedListNode<(StreamSocket Socket, long Since)> node;
        bool closed;
        lock (_lock)
        {
            node = _preparing.AddLast((socket, timeProvider.GetTimestamp()));
            closed = _closed;
        }

        if (closed)
        {
            socket.Abort();
        }

        return node;
    }

    /// <summary>It is prepared, or refused.</summary>
    public void Done(LinkedListNode<(StreamSocket Socket, long Since)> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _preparing.Remove(node);
            }
        }
    }

    /// <summary>It is handed out, or refused.</summary>
    public void Leave() => _slots.Release();

    /// <summary>Resets what is being prepared, and what begins to be.</summary>
    public void AbortAll()
    {
        List<StreamSocket> preparing;
        lock (_lock)
        {
            _closed = true;
            preparing = [.. _preparing.Select(entry => entry.Socket)];
        }

        preparing.ForEach(socket => socket.Abort());
    }

    // For ever, where all are prepared and nobody asks for them.
    private TimeSpan UntilOneIsOld()
    {
        lock (_lock)
        {
            if (_preparing.First is not { } oldest)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan left = s_grace - timeProvider.GetElapsedTime(oldest.Value.Since);
            return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    private void AbortOldest()
    {
        StreamSocket? socket = null;
        lock (_lock)
        {
            if (_preparing.First is { } oldest && timeProvider.GetElapsedTime(oldest.Value.Since) >= s_grace)
            {
                socket = oldest.Value.Socket;
                _preparing.Remove(oldest);
            }
        }

        socket?.Abort();
    }
}
