using System.Net.Sockets;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Serving.Initializing;

/// <summary>
/// Accepts connections and runs initializers on them, side by side, so that a slow one does not delay the others. A connection is returned when its
/// initializers are done.
/// </summary>
internal sealed class InitializingAcceptor : IRunnable
{
    private readonly EngineContext _context;
    private readonly ListenerTransport _listener;
    private readonly IConnectionInitializer[] _initializers;
    private readonly PendingConnections _pending;

    private readonly InitializedConnections _ready;
    private readonly CancellationTokenSource _retiring = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _acceptEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Set once, before _retiring is cancelled.
    private volatile bool _handingOver;

    // Exchanged with Interlocked.
    private int _started;

    // Counts the accept loop and each initialization, with Interlocked. The last one completes the queue of ready connections.
    private int _running = 1;

    /// <summary>Creates an acceptor that has not begun to accept.</summary>
    /// <param name="context">The context of the sockets.</param>
    /// <param name="listener">The listener.</param>
    /// <param name="initializers">The initializers, in order. The smallest of their limits counts.</param>
    public InitializingAcceptor(EngineContext context, ListenerTransport listener, params IConnectionInitializer[] initializers)
    {
        _context = context;
        _listener = listener;
        _initializers = initializers;
        _ready = new InitializedConnections(listener.RunsOn);
        _pending = new PendingConnections(initializers.Min(initializer => initializer.MaxPending), context.Engine.TimeProvider);
    }

    /// <summary>Whether a caller has begun to accept.</summary>
    public bool HasStarted => Volatile.Read(ref _started) != 0;

    /// <summary>As <see cref="ServerSocket.AcceptAsync"/>.</summary>
    public async ValueTask<StreamSocket> AcceptAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        while (true)
        {
            InitializedConnection accepted = await _ready.TakeAsync(cancellationToken).ConfigureAwait(false)
                ?? throw _ready.Failure ?? _listener.Closed();
            if (accepted.Socket is not { } socket)
            {
                accepted.Observed!.TrySetResult();
                throw accepted.Error!;
            }

            _pending.Release();
            if (!socket.IsClosed)
            {
                return socket;
            }
        }
    }

    /// <summary>As <see cref="ServerSocket.AcceptPendingAsync"/>: connections that have come are still initialized.</summary>
    public async ValueTask<StreamSocket?> AcceptPendingAsync()
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
                // An earlier error; the next attempt may succeed.
            }
        }
    }

    /// <summary>
    /// Accepts nothing more, and leaves what is in the system's queue to the successor of the listener. What was accepted is initialized to its end, and
    /// returned. When this returns, the listener can be closed.
    /// </summary>
    public async Task HandOverAsync()
    {
        _handingOver = true;
        await _retiring.CancelAsync().ConfigureAwait(false);
        Start();
        await _acceptEnded.Task.ConfigureAwait(false);
    }

    /// <summary>
    /// Aborts the connections that are being initialized, and those that are initialized and were not returned. The listener is closed already. Idempotent,
    /// and never throws.
    /// </summary>
    public void Close()
    {
        _ready.Complete();
        _retiring.CancelInBackground(_context.Engine.Logger);
        _closing.CancelInBackground(_context.Engine.Logger);
        _pending.AbortAll();
        while (_ready.TryTake() is { } accepted)
        {
            accepted.Socket?.Abort();
        }
    }

    private void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            // The execution context of the first caller must not flow to every connection.
            _listener.RunsOn.Schedule(this);
        }
    }

    void IRunnable.Run() => _ = AcceptAllAsync();

    void IThreadPoolWorkItem.Execute() => _listener.RunsOn.RunOnPoolThread(this);

    private async Task AcceptAllAsync()
    {
        try
        {
            await AcceptUntilRetiredAsync().ConfigureAwait(false);
            await AcceptRestAsync().ConfigureAwait(false);
            EndRun();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The listener is closed.
            _ready.Complete();
        }
        catch (Exception exception)
        {
            _ready.Complete(exception);
        }
        finally
        {
            _acceptEnded.TrySetResult();
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
                    await BeginAsync(new StreamSocket(_context, accepted, _listener), _retiring.Token).ConfigureAwait(false);
                }
                catch (SocketException exception)
                {
                    await ReportAsync(exception).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            // Retired: the accept loop ends.
        }
    }

    private async Task AcceptRestAsync()
    {
        try
        {
            for (int i = 0; i < Server.MaxPendingAccepts; i++)
            {
                StreamTransport? accepted = await _listener.RetireAsync().ConfigureAwait(false) ?? (_handingOver ? null : _listener.TryAcceptNow());
                if (accepted is null)
                {
                    return;
                }

                await BeginAsync(new StreamSocket(_context, accepted, _listener), _handingOver ? _retiring.Token : _closing.Token).ConfigureAwait(false);
            }
        }
        catch (SocketException)
        {
            // No further connection can be accepted.
        }
    }

    private void EndRun()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ready.Complete();
        }
    }

    // The loop continues when the caller has received the error: it decides how long to wait before the next accept.
    private async ValueTask ReportAsync(SocketException exception)
    {
        var observed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ready.TryAdd(new InitializedConnection(null, exception, observed));
        await observed.Task.EndOrCancelAsync(_retiring.Token).ConfigureAwait(false);
    }

    private async ValueTask BeginAsync(StreamSocket socket, CancellationToken waiting)
    {
        try
        {
            await _pending.EnterAsync(waiting).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            // Retired: the last one goes beyond the limit, and a hand-over does not wait for a caller that does not accept.
        }
        catch
        {
            socket.Abort();
            throw;
        }

        Interlocked.Increment(ref _running);
        _ = InitializeAsync(socket);
    }

    // Never fails.
    private async Task InitializeAsync(StreamSocket socket)
    {
        bool initialized = await TryInitializeAsync(socket).ConfigureAwait(false);
        if (!initialized || !_ready.TryAdd(new InitializedConnection(socket, null, null)))
        {
            socket.Abort();
            _pending.Release();
        }

        EndRun();
    }

    private async ValueTask<bool> TryInitializeAsync(StreamSocket socket)
    {
        LinkedListNode<(StreamSocket Socket, long Since)>? node = null;
        try
        {
            node = _pending.Begin(socket);
            foreach (IConnectionInitializer initializer in _initializers)
            {
                if (!await TryInitializeAsync(initializer, socket).ConfigureAwait(false))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception)
        {
            // Of the clock, for example. It costs this connection, and not the listener.
            _context.Engine.Logger.ConnectionRefused(socket.TransportRemoteEndPoint, ExceptionText.Of(exception));
            return false;
        }
        finally
        {
            if (node is not null)
            {
                _pending.Complete(node);
            }
        }
    }

    private async ValueTask<bool> TryInitializeAsync(IConnectionInitializer initializer, StreamSocket socket)
    {
        string? reason;
        try
        {
            reason = await initializer.InitializeAsync(socket, _closing.Token).ConfigureAwait(false);
            if (reason is null)
            {
                return true;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or EndOfStreamException)
        {
            // The listener is closed, or the client has closed the connection.
            return false;
        }
        catch (Exception exception)
        {
            reason = ExceptionText.Of(exception);
        }

        _context.CountRejection(initializer.ErrorType);
        initializer.LogRefusal(_context.Engine.Logger, socket, reason);
        return false;
    }
}
