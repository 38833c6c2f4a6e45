using Sluice.Diagnostics;
using Sluice.Engine;

namespace Sluice.Sockets;

/// <summary>One run of <see cref="ServerSocket.ServeAsync"/>: accepts, starts handlers, keeps track of them, and drains.</summary>
internal sealed class Server(ServerSocket socket, SocketEngine engine, Func<Connection, CancellationToken, Task> handler, ServeOptions options)
{
    // After an abort every call of a handler fails at once; one that has not ended by then waits for something of its own.
    private static readonly TimeSpan s_afterAbort = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HashSet<Connection> _open = [];
    private readonly SemaphoreSlim _slots = new(options.MaxConnections);
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _graceCutShort = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<Connection, Exception>? _onError = options.OnError;
    private TaskCompletionSource? _drained;
    private TimeSpan _grace = options.Grace;

    /// <summary>
    /// Serves until <paramref name="cancellationToken"/> is cancelled or the socket is closed, which cancels <paramref name="closed"/>.
    /// </summary>
    public async Task RunAsync(CancellationToken closed, CancellationToken cancellationToken)
    {
        try
        {
            await using (cancellationToken.UnsafeRegister(static server => ((Server)server!).CloseSocket(), this).ConfigureAwait(false))
            {
                engine.Logger.Listening(socket.LocalEndPoint);
                await AcceptAsync(closed).ConfigureAwait(false);
            }
        }
        finally
        {
            CloseSocket();
            try
            {
                await DrainAsync().ConfigureAwait(false);
            }
            finally
            {
                _ended.SetResult();
            }
        }
    }

    /// <summary>Says how long the grace is to be, if it has not begun.</summary>
    public void SetGrace(TimeSpan grace)
    {
        lock (_lock)
        {
            _grace = grace;
        }
    }

    /// <summary>Waits until the run has ended, and ends a grace that takes longer than this one. The socket is closed by now.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        try
        {
            await _ended.Task.WaitAsync(grace, engine.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            await _graceCutShort.CancelAsync().ConfigureAwait(false);
            await _ended.Task.ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync(CancellationToken closed)
    {
        try
        {
            await _slots.WaitAsync(closed).ConfigureAwait(false);
            await foreach (StreamSocket accepted in socket.AcceptAllAsync(closed).ConfigureAwait(false))
            {
                Start(accepted);
                await _slots.WaitAsync(closed).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // Stopped while waiting for a slot, or for an error to pass.
        }
    }

    /// <summary>Starts a handler for a connection.</summary>
    internal void Start(StreamSocket accepted)
    {
        Connection connection;
        try
        {
            connection = accepted.OpenConnection();
        }
        catch (ObjectDisposedException)
        {
            // The manager is going, and took the connection with it.
            _slots.Release();
            return;
        }

        lock (_lock)
        {
            _open.Add(connection);
        }

        new HandlerStart(this, connection).Schedule();
    }

    /// <summary>Runs the handler, and closes the connection behind it. Never fails.</summary>
    internal async Task RunHandlerAsync(Connection connection)
    {
        try
        {
            await handler(connection, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Report(connection, exception);
        }

        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Report(connection, exception);
        }

        lock (_lock)
        {
            _open.Remove(connection);
            if (_open.Count == 0)
            {
                _drained?.TrySetResult();
            }
        }

        _slots.Release();
    }

    private void Report(Connection connection, Exception exception)
    {
        if (_abort.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Cut off by us: no failure of the handler's.
            return;
        }

        engine.Logger.HandlerFailed(connection.Socket.RemoteEndPoint, exception);
        try
        {
            _onError?.Invoke(connection, exception);
        }
        catch (Exception callbackException)
        {
            engine.Logger.OnErrorFailed(callbackException);
        }
    }

    private async Task DrainAsync()
    {
        Task drained;
        TimeSpan grace;
        lock (_lock)
        {
            if (_open.Count == 0)
            {
                return;
            }

            grace = _grace;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        try
        {
            await drained.WaitAsync(grace, engine.TimeProvider, _graceCutShort.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            await AbortAsync(drained).ConfigureAwait(false);
        }
    }

    private async Task AbortAsync(Task drained)
    {
        Connection[] left;
        lock (_lock)
        {
            left = [.. _open];
        }

        engine.Logger.DrainCutShort(left.Length);
        _ = CancelHandlersAsync();
        foreach (Connection connection in left)
        {
            connection.Socket.Abort();
        }

        try
        {
            await drained.WaitAsync(s_afterAbort, engine.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                engine.Logger.HandlersLeftBehind(_open.Count);
            }
        }
    }

    // What handlers have registered on their token may throw, or never return: neither keeps a server from stopping.
    private async Task CancelHandlersAsync()
    {
        try
        {
            await _abort.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            engine.Logger.CancellationFailed(exception);
        }
    }

    private void CloseSocket() => socket.Close();
}
