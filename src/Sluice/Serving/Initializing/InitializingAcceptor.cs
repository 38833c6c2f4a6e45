using System.Net.Sockets;
using System.Threading.Channels;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Serving.Initializing;

/// <summary>
/// Accepts connections with which something has to be done before they are handed out. That is done side by side, so that one that is slow
/// delays nobody; a connection is handed out when it is done.
/// </summary>
internal sealed class InitializingAcceptor
{
    private readonly EngineContext _context;
    private readonly ListenerTransport _listener;
    private readonly IConnectionInitializer[] _preparations;
    private readonly PendingConnections _pending;
    // Read by the caller that accepts and, when the listener is closed, by Close: no optimization for a single reader.
    private readonly Channel<Accepted> _ready = Channel.CreateUnbounded<Accepted>();
    private readonly CancellationTokenSource _retiring = new();
    private readonly CancellationTokenSource _closing = new();
    private int _started;

    // The accepting, until it has ended, and each preparation: the last one completes what is ready.
    private int _running = 1;

    /// <summary>One that has not begun to accept.</summary>
    /// <param name="context">What the sockets need of their manager.</param>
    /// <param name="listener">Where they come from.</param>
    /// <param name="preparations">What has to be done, in order. The smallest of their bounds counts.</param>
    public InitializingAcceptor(EngineContext context, ListenerTransport listener, params IConnectionInitializer[] preparations)
    {
        _context = context;
        _listener = listener;
        _preparations = preparations;
        _pending = new PendingConnections(preparations.Min(preparation => preparation.MaxPending), context.Engine.TimeProvider);
    }

    /// <summary>Whether somebody has asked for a connection.</summary>
    public bool HasStarted => Volatile.Read(ref _started) != 0;

    /// <summary>As <see cref="ServerSocket.AcceptAsync"/>.</summary>
    public async ValueTask<StreamSocket> AcceptAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        while (true)
        {
            Accepted accepted;
            try
            {
                accepted = await _ready.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException exception)
            {
                throw exception.InnerException ?? _listener.Closed(TypeNames.ServerSocket);
            }

            if (accepted.Socket is not { } socket)
            {
                accepted.Seen!.TrySetResult();
                throw accepted.Error!;
            }

            _pending.Leave();
            if (!socket.IsClosed)
            {
                return socket;
            }
        }
    }

    /// <summary>As <see cref="ServerSocket.AcceptLastAsync"/>: what has come is still prepared.</summary>
    public async ValueTask<StreamSocket?> AcceptLastAsync()
    {
        await _retiring.CancelAsync().ConfigureAwait(false);
        while (true)
        {
            try
            {
                return await AcceptAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException)
            {
                // From before; the next attempt may succeed.
            }
        }
    }

    /// <summary>
    /// Resets what is being prepared, and what is prepared and was not handed out. The listener is closed by now. Idempotent, and never
    /// throws.
    /// </summary>
    public void Close()
    {
        _ready.Writer.TryComplete();
        _retiring.CancelInBackground(_context.Engine.Logger);
        _closing.CancelInBackground(_context.Engine.Logger);
        _pending.AbortAll();
        while (_ready.Reader.TryRead(out Accepted? accepted))
        {
            accepted.Socket?.Abort();
        }
    }

    private void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            // Unsafe: what the first caller has in its execution context is not for every connection.
            ThreadPool.UnsafeQueueUserWorkItem(static acceptor => _ = acceptor.AcceptAllAsync(), this, preferLocal: false);
        }
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            await AcceptUntilRetiredAsync().ConfigureAwait(false);
            await AcceptLeftAsync().ConfigureAwait(false);
            EndOne();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The listener is closed.
            _ready.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            _ready.Writer.TryComplete(exception);
        }
    }

    private async Task AcceptUntilRetiredAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    StreamTransport accepted = await _listener.AcceptAsync(_retiring.Token).ConfigureAwait(false);
                    await BeginAsync(new StreamSocket(_context, accepted, _listener)).ConfigureAwait(false);
                }
                catch (SocketException exception)
                {
                    await TellAsync(exception).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            // No more are waited for.
        }
    }

    private async Task AcceptLeftAsync()
    {
        try
        {
            for (int i = 0; i < Server.MostLeft; i++)
            {
                if ((await _listener.RetireAsync().ConfigureAwait(false) ?? _listener.TryAcceptNow()) is not { } accepted)
                {
                    return;
                }

                await BeginAsync(new StreamSocket(_context, accepted, _listener)).ConfigureAwait(false);
            }
        }
        catch (SocketException)
        {
            // No more to be had.
        }
    }

    private void EndOne()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ready.Writer.TryComplete();
        }
    }

    // Tries again when somebody has heard of it, who will know how long to wait first.
    private async ValueTask TellAsync(SocketException exception)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ready.Writer.TryWrite(new Accepted(null, exception, seen));
        await seen.Task.EndOrCancelAsync(_retiring.Token).ConfigureAwait(false);
    }

    private async ValueTask BeginAsync(StreamSocket socket)
    {
        try
        {
            await _pending.EnterAsync(_closing.Token).ConfigureAwait(false);
        }
        catch
        {
            socket.Abort();
            throw;
        }

        Interlocked.Increment(ref _running);
        _ = PrepareAsync(socket);
    }

    // Never fails.
    private async Task PrepareAsync(StreamSocket socket)
    {
        LinkedListNode<(StreamSocket Socket, long Since)> node = _pending.Begin(socket);
        bool prepared = false;
        foreach (IConnectionInitializer preparation in _preparations)
        {
            prepared = await TryPrepareAsync(preparation, socket).ConfigureAwait(false);
            if (!prepared)
            {
                break;
            }
        }

        _pending.Done(node);
        if (!prepared || !_ready.Writer.TryWrite(new Accepted(socket, null, null)))
        {
            socket.Abort();
            _pending.Leave();
        }

        EndOne();
    }

    private async ValueTask<bool> TryPrepareAsync(IConnectionInitializer preparation, StreamSocket socket)
    {
        string? reason;
        try
        {
            reason = await preparation.PrepareAsync(socket, _closing.Token).ConfigureAwait(false);
            if (reason is null)
            {
                return true;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or EndOfStreamException)
        {
            // The listener is closed, or the client is gone.
            return false;
        }
        catch (Exception exception)
        {
            reason = exception.Message;
        }

        _context.Metrics.Reject(preparation.ErrorType);
        preparation.LogRefusal(_context.Engine.Logger, socket, reason);
        return false;
    }

    private sealed record Accepted(StreamSocket? Socket, SocketException? Error, TaskCompletionSource? Seen);
}
