using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Serving;

/// <summary>One run of <see cref="ServerSocket.ServeAsync"/>: accepts, starts handlers, keeps track of them, and drains.</summary>
internal sealed partial class Server(
    ServerSocket[] sockets, SocketEngine engine, Func<Connection, CancellationToken, Task> handler, ServeOptions options)
{
    // After an abort every call of a handler fails at once; one that has not ended by then waits for something of its own.
    private static readonly TimeSpan s_afterAbort = TimeSpan.FromSeconds(2);

    // Guards what follows, to the counters.
    private readonly Lock _lock = new();
    private readonly HashSet<Connection> _open = [];
    private TimeSpan _grace = options.Grace;
    private TaskCompletionSource? _drained;
    private TaskCompletionSource? _othersEnded;
    private bool _aborting;

    // Listeners that may still bring connections, and handlers that wait for the server to stop.
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
    private int _listening = sockets.Length;
    private int _aborted;

    /// <summary>Where handlers run: what the caller of <see cref="RunAsync"/> had, and the mark of a handler. Null if that flows nowhere.</summary>
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

    /// <summary>Says how long the grace is to be, if it has not begun.</summary>
    public void SetGrace(TimeSpan grace)
    {
        lock (_lock)
        {
            _grace = grace;
        }
    }

    /// <summary>
    /// Waits until the run has ended, and ends a grace that takes longer than this one. Every listener has begun to stop. In a handler of this
    /// server, waits for the others.
    /// </summary>
    /// <returns>How many connections were aborted.</returns>
    public async Task<int> StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        bool inside = HandlerScope.IsInside(this);
        Task ended = inside ? EnterInside() : _ended.Task;
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
                LeaveInside();
            }
        }

        return _aborted;
    }

    private void OnMaxConnections(int limit)
    {
        engine.WarnIfTooMany(limit);
        _slots.Resize(limit);
    }

    private Task<Task> EnterInside()
    {
        lock (_lock)
        {
            _waitingInside++;
            _othersEnded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TellDrained();
            return Task.WhenAny(_othersEnded.Task, _ended.Task);
        }
    }

    private void LeaveInside()
    {
        lock (_lock)
        {
            _waitingInside--;
        }
    }

    // In the lock. Handlers that wait for the end of the others do not wait for each other.
    private void TellDrained()
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
            TellDrained();
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

        // All are closed before the first of them is reset: of two that a handler has joined, neither is to see the other's reset as a peer's.
        foreach (Connection connection in left)
        {
            connection.Socket.Transport.NoteClose(CloseReason.ServerStopped);
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
            int leftBehind;
            lock (_lock)
            {
                leftBehind = _open.Count;
            }

            engine.Logger.HandlersLeftBehind(leftBehind);
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

    private void StopListening()
    {
        foreach (ServerSocket socket in sockets)
        {
            socket.BeginStop();
        }
    }
}
