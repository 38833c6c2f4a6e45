using System.Diagnostics;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Sockets;

/// <summary>One run of <see cref="ServerSocket.ServeAsync"/>: accepts, starts handlers, keeps track of them, and drains.</summary>
internal sealed class Server(ServerSocket[] sockets, SocketEngine engine, Func<Connection, CancellationToken, Task> handler, ServeOptions options)
{
    // After an abort every call of a handler fails at once; one that has not ended by then waits for something of its own.
    private static readonly TimeSpan s_afterAbort = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HashSet<Connection> _open = [];
    private readonly ConnectionSlots _slots = new(options.MaxConnections);
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _graceCutShort = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Admission _admission = new(options);
    private readonly Action<Connection, Exception>? _onError = options.OnError;
    private readonly Func<StreamSocket, CancellationToken, ValueTask<bool>>? _admit = options.Admit;
    private readonly Action<Connection>? _onAborted = options.OnAborted;
    private TaskCompletionSource? _drained;
    private TimeSpan _grace = options.Grace;
    private int _aborted;

    /// <summary>Serves until <paramref name="cancellationToken"/> is cancelled or every socket is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        options.MaxConnectionsChanged += _slots.Resize;
        try
        {
            await using (cancellationToken.UnsafeRegister(static server => ((Server)server!).CloseSockets(), this).ConfigureAwait(false))
            {
                await Task.WhenAll(Array.ConvertAll(sockets, AcceptAsync)).ConfigureAwait(false);
            }
        }
        finally
        {
            options.MaxConnectionsChanged -= _slots.Resize;
            CloseSockets();
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
    /// <returns>How many connections were aborted.</returns>
    public async Task<int> StopAsync(TimeSpan grace, CancellationToken cancellationToken)
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

        return _aborted;
    }

    private async Task AcceptAsync(ServerSocket socket)
    {
        // One listener alone accepts when there is a slot. Several would take slots from each other while nobody comes: there, what is
        // accepted waits for one.
        bool alone = sockets.Length == 1;
        StreamSocket? waiting = null;
        try
        {
            engine.Logger.Listening(socket.LocalEndPoint);
            await TakeSlotAsync(alone, socket.Stopping).ConfigureAwait(false);
            await foreach (StreamSocket accepted in socket.AcceptAllAsync(socket.Stopping).ConfigureAwait(false))
            {
                waiting = accepted;
                await TakeSlotAsync(!alone, socket.Stopping).ConfigureAwait(false);
                await AdmitAsync(accepted, socket.Stopping).ConfigureAwait(false);
                waiting = null;
                await TakeSlotAsync(alone, socket.Stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (socket.IsClosed)
        {
            // Stopped while waiting for a slot, for a permit, or for an error to pass.
        }
        catch
        {
            // Whoever serves is told at once, and not only when the others have stopped, too.
            CloseSockets();
            throw;
        }
        finally
        {
            if (waiting is not null && socket.IsHandedOver)
            {
                // Beyond the limit, which no longer guards anything here.
                Start(waiting, ticket: null);
            }
            else
            {
                waiting?.Abort();
            }
        }
    }

    private Task TakeSlotAsync(bool now, CancellationToken cancellationToken) => now ? _slots.WaitAsync(cancellationToken) : Task.CompletedTask;

    private async ValueTask AdmitAsync(StreamSocket accepted, CancellationToken cancellationToken)
    {
        Admission.Ticket? ticket = null;
        if (_admission.IsNeeded)
        {
            ticket = await _admission.TryEnterAsync(accepted.RemoteEndPoint, cancellationToken).ConfigureAwait(false);
            if (ticket is null)
            {
                accepted.Selector.Metrics.Reject("limit");
                engine.Logger.ConnectionRefused(accepted.RemoteEndPoint, "too many from there, or too fast");
                accepted.Abort();
                _slots.Release();
                return;
            }
        }

        Start(accepted, ticket);
    }

    /// <summary>Starts a handler for a connection.</summary>
    internal void Start(StreamSocket accepted, Admission.Ticket? ticket)
    {
        Connection connection;
        try
        {
            connection = accepted.OpenConnection();
        }
        catch (ObjectDisposedException)
        {
            // The manager is going, and took the connection with it.
            Leave(ticket);
            return;
        }

        lock (_lock)
        {
            _open.Add(connection);
        }

        new HandlerStart(this, connection, ticket).Schedule();
    }

    /// <summary>Runs the handler, and closes the connection behind it. Never fails.</summary>
    /// <remarks>It stays in memory as long as the connection: awaiting tasks alone keeps it small.</remarks>
    internal async Task RunHandlerAsync(Connection connection, Admission.Ticket? ticket)
    {
        try
        {
            await (_admit is null ? HandleAsync(connection) : HandleIfAdmittedAsync(connection)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Report(connection, exception);
        }

        try
        {
            await connection.CloseAsync().AsTask().ConfigureAwait(false);
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

        Leave(ticket);
    }

    // A lease of the user's limiter that throws must not cost a slot.
    private void Leave(Admission.Ticket? ticket)
    {
        var steps = new DisposalSteps();
        steps.Run(ticket, static ticket => ticket?.Dispose());
        _slots.Release();
        steps.LogFailure(engine.Logger, "permit of a connection", endPoint: null);
    }

    private async Task HandleIfAdmittedAsync(Connection connection)
    {
        if (await IsAdmittedAsync(connection.Socket).ConfigureAwait(false))
        {
            await HandleAsync(connection).ConfigureAwait(false);
        }
        else
        {
            connection.Abort();
        }
    }

    private Task HandleAsync(Connection connection) =>
        Traces.Source.HasListeners() ? HandleTracedAsync(connection) : handler(connection, _abort.Token);

    private async Task HandleTracedAsync(Connection connection)
    {
        using Activity? activity = Traces.StartAccepted(connection.Socket);
        try
        {
            await handler(connection, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Traces.Fail(activity, exception);
            throw;
        }
    }

    private async ValueTask<bool> IsAdmittedAsync(StreamSocket socket)
    {
        try
        {
            bool admitted = await _admit!(socket, _abort.Token).ConfigureAwait(false);
            if (!admitted)
            {
                socket.Selector.Metrics.Reject("not_admitted");
                engine.Logger.ConnectionRefused(socket.RemoteEndPoint, "it was not admitted");
            }

            return admitted;
        }
        catch (Exception exception)
        {
            engine.Logger.AdmitFailed(socket.RemoteEndPoint, exception);
            return false;
        }
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

        _aborted = left.Length;
        engine.Logger.DrainCutShort(left.Length);
        _ = CancelHandlersAsync();

        // All are closed before the first of them is reset: of two that a handler has joined, neither is to see the other's reset as a peer's.
        foreach (Connection connection in left)
        {
            ((ITransportOwner)connection.Socket).Refuse();
        }

        foreach (Connection connection in left)
        {
            connection.Socket.Abort();
            TellAborted(connection);
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

    private void TellAborted(Connection connection)
    {
        try
        {
            _onAborted?.Invoke(connection);
        }
        catch (Exception exception)
        {
            engine.Logger.OnErrorFailed(exception);
        }
    }

    private void CloseSockets()
    {
        foreach (ServerSocket socket in sockets)
        {
            socket.Close();
        }
    }
}
