using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Serving;

/// <summary>Runs one <see cref="ServerSocket.ServeAsync"/>: accepts, starts handlers, tracks them, and drains.</summary>
internal sealed partial class Server(
    ServerSocket[] sockets, SocketEngine engine, Func<Connection, CancellationToken, Task> handler, ServeOptions options)
{
    // After an abort, every call on a connection fails at once. A handler that has not returned after this time waits for something else.
    private static readonly TimeSpan s_waitAfterAbort = TimeSpan.FromSeconds(2);

    // Guards the fields down to _waitingInside.
    private readonly Lock _lock = new();
    private readonly HashSet<Connection> _open = [];
    private TimeSpan _grace = options.Grace;
    private TaskCompletionSource? _drained;
    private TaskCompletionSource? _othersEnded;
    private bool _aborting;

    // The listeners that may still accept connections, and the handlers that wait for the server to stop.
    private int _accepting = sockets.Length;
    private int _waitingInside;

    private readonly ConnectionSlots _slots = new(options.MaxConnections);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _graceCutShort = new();
    private readonly TaskCompletionSource _stopBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Admission _admission = new(options);
    private readonly Action<Connection, Exception>? _onError = options.OnError;
    private readonly Func<StreamSocket, CancellationToken, ValueTask<bool>>? _admit = options.Admit;
    private readonly Action<Connection>? _onAborted = options.OnAborted;

    // The listeners that have not begun to stop. Changed with Interlocked.
    private int _listening = sockets.Length;

    // Written by the drain, before _ended completes; read after it.
    private int _aborted;

    /// <summary>The execution context of handlers: that of the caller of <see cref="RunAsync"/> inside a <see cref="HandlerScope"/>. Null if the caller has suppressed its flow.</summary>
    internal ExecutionContext? Context { get; private set; }

    /// <summary>Whether every listener has begun to stop.</summary>
    internal bool IsStopping => Array.TrueForAll(sockets, socket => socket.IsClosed);

    /// <summary>Serves until <paramref name="cancellationToken"/> is cancelled or every socket is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        HandlerScope.Enter(this);
        Context = ExecutionContext.Capture();
        options.MaxConnectionsChanged += OnMaxConnections;
        engine.WarnIfTooMany(options.MaxConnections);
        try
        {
            Task accepting;
            await using (cancellationToken.UnsafeRegister(static server => ((Server)server!).StopListening(), this).ConfigureAwait(false))
            {
                accepting = Task.WhenAll(Array.ConvertAll(sockets, AcceptAsync));
                await _stopBegun.Task.ConfigureAwait(false);
            }

            await DrainAsync().ConfigureAwait(false);
            await accepting.ConfigureAwait(false);
        }
        finally
        {
            options.MaxConnectionsChanged -= OnMaxConnections;
            await cancellationToken.LeaveCancelAsync();
            _ended.SetResult();
        }
    }

    /// <summary>Sets the grace, if it has not begun.</summary>
    public void SetGrace(TimeSpan grace)
    {
        lock (_lock)
        {
            _grace = grace;
        }
    }

    /// <summary>
    /// Waits until the run has ended, and ends a grace that takes longer than this one. Every listener has begun to stop. A handler of this server waits for
    /// the other handlers.
    /// </summary>
    /// <returns>The number of aborted connections.</returns>
    public async Task<int> StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        bool inside = HandlerScope.IsInside(this);
        Task ended = inside ? BeginWaitInside() : _ended.Task;
        try
        {
            await ended.EndOrCancelAsync(grace, engine.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            await _graceCutShort.CancelAsync().ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }
        finally
        {
            if (inside)
            {
                EndWaitInside();
            }
        }

        return _aborted;
    }

    private void OnMaxConnections(int limit)
    {
        engine.WarnIfTooMany(limit);
        _slots.Resize(limit);
    }

    private Task<Task> BeginWaitInside()
    {
        lock (_lock)
        {
            _waitingInside++;
            _othersEnded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            SignalDrained();
            return Task.WhenAny(_othersEnded.Task, _ended.Task);
        }
    }

    private void EndWaitInside()
    {
        lock (_lock)
        {
            _waitingInside--;
        }
    }

    // Called under the lock. Handlers that wait for the others do not wait for each other.
    private void SignalDrained()
    {
        if (_accepting > 0)
        {
            return;
        }

        if (_open.Count == 0)
        {
            _drained?.TrySetResult();
        }

        if (_open.Count <= _waitingInside)
        {
            _othersEnded?.TrySetResult();
        }
    }

    private async Task DrainAsync()
    {
        Task drained;
        TimeSpan grace;
        lock (_lock)
        {
            grace = _grace;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
            SignalDrained();
        }

        try
        {
            await drained.EndOrCancelAsync(grace, engine.TimeProvider, _graceCutShort.Token).ConfigureAwait(false);
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
            _aborting = true;
            left = [.. _open];
        }

        foreach (ServerSocket socket in sockets)
        {
            socket.Close();
        }

        _aborted = left.Length;
        if (left.Length > 0)
        {
            engine.Logger.DrainCutShort(left.Length);
        }

        _abort.CancelInBackground(engine.Logger);

        // All connections are refused before the first is reset: if a handler has joined two, neither takes the reset of the other for one of its peer.
        foreach (Connection connection in left)
        {
            connection.Socket.Transport.NoteClose(CloseReason.ServerStopped);
            ((ITransportOwner)connection.Socket).Refuse();
        }

        foreach (Connection connection in left)
        {
            connection.Socket.Abort();
            ReportAborted(connection);
        }

        try
        {
            await drained.WaitAsync(s_waitAfterAbort, engine.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            int running;
            lock (_lock)
            {
                running = _open.Count;
            }

            engine.Logger.HandlersLeftBehind(running);
        }
    }

    private void ReportAborted(Connection connection)
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

    private void StopListening()
    {
        foreach (ServerSocket socket in sockets)
        {
            socket.BeginStop();
        }
    }
}
