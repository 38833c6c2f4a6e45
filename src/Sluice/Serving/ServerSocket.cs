using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Serving;
using Sluice.Serving.Initializing;
using Sluice.Sockets;

namespace Sluice;

/// <summary>A listening socket.</summary>
/// <remarks>Thread-safe, except that one call at a time accepts.</remarks>
public sealed partial class ServerSocket : IAsyncDisposable, ITransportOwner
{
    private readonly EngineContext _context;
    private readonly ListenerTransport _transport;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ProxyInitializer? _proxy;
    private InitializingAcceptor? _acceptor;
    private bool _usesTls;
    private Server? _server;
    private DropGuard? _guard;
    private int _accepting;
    private volatile bool _closed;

    internal ServerSocket(
        EngineContext context, ListenerTransport transport, ProxyProtocolOptions? proxyProtocol = null, ListenerTlsOptions? tls = null)
    {
        _context = context;
        _transport = transport;
        _proxy = proxyProtocol is null ? null : new ProxyInitializer(proxyProtocol, context.Engine.TimeProvider);
        _acceptor = CreateAcceptor(tls);
        _usesTls = tls is not null;
        transport.SetOwner(this);
    }

    /// <summary>
    /// Where the server listens: a copy, which the caller may change. At <c>localhost</c>: the IPv4 one of <see cref="LocalEndPoints"/>, unless there is none.
    /// </summary>
    public EndPoint LocalEndPoint => EndPointCopy.Of(_transport.LocalEndPoint);

    /// <summary>
    /// Everywhere the server listens: one end point, or of <c>localhost</c> both, which have one <see cref="Port"/>.
    /// </summary>
    public IReadOnlyList<EndPoint> LocalEndPoints => [.. _transport.LocalEndPoints.Select(EndPointCopy.Of)];

    /// <summary>The port the server listens at; 0 if it has none.</summary>
    public int Port => (_transport.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>Whether the socket is closed, or closing.</summary>
    public bool IsClosed => _closed;

    /// <summary>Completes when the socket is closed and its port given back. Never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Waits for a connection.</summary>
    /// <param name="cancellationToken">Ends the wait. No connection is lost: the next call gets it.</param>
    /// <returns>The connection, with the options that <see cref="TcpListenerOptions.Accepted"/> says.</returns>
    /// <exception cref="SocketException">Accepting failed, for instance for want of descriptors
    /// (<see cref="SocketError.TooManyOpenSockets"/>). It can be tried again.</exception>
    /// <exception cref="InvalidOperationException">Another call accepts already.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> AcceptAsync(CancellationToken cancellationToken = default) => AcceptOneAsync(handsOut: true, cancellationToken);

    /// <inheritdoc cref="AcceptAsync"/>
    /// <param name="handsOut">Whether a user gets the connection, who may drop it; what serves connections keeps them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async ValueTask<StreamSocket> AcceptOneAsync(bool handsOut, CancellationToken cancellationToken)
    {
        string? openedAt = handsOut ? _context.CaptureOpenStack() : null;
        if (Interlocked.Exchange(ref _accepting, 1) != 0)
        {
            throw new InvalidOperationException("Another accept on this server is in progress; only one at a time is possible.");
        }

        try
        {
            StreamSocket accepted = TakePending() ?? (_acceptor is null
                ? new StreamSocket(_context, await _transport.AcceptAsync(cancellationToken).ConfigureAwait(false), _transport)
                : await _acceptor.AcceptAsync(cancellationToken).ConfigureAwait(false));
            return handsOut ? accepted.HandOut(openedAt) : accepted;
        }
        catch (ObjectDisposedException) when (TakePending() is { } left)
        {
            return handsOut ? left.HandOut(openedAt) : left;
        }
        finally
        {
            Volatile.Write(ref _accepting, 0);
        }
    }

    /// <summary>
    /// Accepts until the server is closed, which ends the enumeration. Errors that pass by themselves are logged and waited out.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The connections, each accepted when it is asked for.</returns>
    public IAsyncEnumerable<StreamSocket> AcceptAllAsync(CancellationToken cancellationToken = default) => AcceptEachAsync(handsOut: true, cancellationToken);

    /// <inheritdoc cref="AcceptAllAsync"/>
    /// <param name="handsOut">As with <see cref="AcceptOneAsync"/>.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    internal async IAsyncEnumerable<StreamSocket> AcceptEachAsync(bool handsOut, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var backoff = new AcceptBackoff(_context.Engine, LocalEndPoint);
        while (true)
        {
            StreamSocket accepted;
            try
            {
                accepted = await AcceptOneAsync(handsOut, cancellationToken).ConfigureAwait(false);
                backoff.Reset();
            }
            catch (ObjectDisposedException)
            {
                // The server, or the manager, which may refuse a connection before it comes to closing the server.
                yield break;
            }
            catch (SocketException exception) when (SocketErrors.IsTransientAcceptError(exception.SocketErrorCode))
            {
                await backoff.PauseAsync(exception, cancellationToken).ConfigureAwait(false);
                continue;
            }

            yield return accepted;
        }
    }

    /// <summary>
    /// Serves: accepts connections and runs <paramref name="handler"/> for each, on the connection's own event loop, until the token is
    /// cancelled, the server is stopped
    /// or closed. A connection is closed when its handler ends. What a handler throws ends that connection alone: it is logged and told to
    /// <see cref="ServeOptions.OnError"/>, except for an <see cref="OperationCanceledException"/> while the server stops, which is a proper end.
    /// </summary>
    /// <param name="handler">
    /// Serves one connection. Its token is cancelled when the connection is about to be aborted, at the end of the grace. When stopping begins,
    /// <see cref="Connection.Stopping"/> is cancelled: a handler that gives that token to the read which waits for the next request ends at
    /// once when its client is idle, and finishes its answer when it is not.
    /// </param>
    /// <param name="options">Limits and callbacks; null for the defaults.</param>
    /// <param name="cancellationToken">Stops as <see cref="StopAsync"/> does, with a grace of <see cref="ServeOptions.Grace"/>.</param>
    /// <returns>A task that completes when the server has stopped and its handlers have ended. Cancellation is an ordinary end: it throws
    /// nothing.</returns>
    /// <exception cref="InvalidOperationException">The server serves or accepts already.</exception>
    /// <exception cref="ObjectDisposedException">The server was closed before.</exception>
    /// <exception cref="SocketException">Accepting failed for a reason that does not pass by itself.</exception>
    public Task ServeAsync(Func<Connection, CancellationToken, Task> handler, ServeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return ServeAllAsync([this], handler, options ?? new ServeOptions(), cancellationToken);
    }

    internal static Task ServeAllAsync(
        ServerSocket[] sockets, Func<Connection, CancellationToken, Task> handler, ServeOptions options, CancellationToken cancellationToken)
    {
        if (sockets.Length == 0 || sockets.Any(socket => socket._context != sockets[0]._context) || sockets.Distinct().Count() != sockets.Length)
        {
            throw new ArgumentException("There have to be listeners, each once, and of one manager.", nameof(sockets));
        }

        foreach (ServerSocket socket in sockets)
        {
            ObjectDisposedException.ThrowIf(socket.IsClosed, socket);
            if (socket._server is null && Volatile.Read(ref socket._accepting) != 0)
            {
                throw new InvalidOperationException("Somebody accepts on this server; it cannot serve beside that.");
            }
        }

        var server = new Server(sockets, sockets[0]._context.Engine, handler, options);
        int taken = Array.FindIndex(sockets, socket => Interlocked.CompareExchange(ref socket._server, server, null) is not null);
        if (taken >= 0)
        {
            Array.ForEach(sockets[..taken], socket => socket._server = null);
            throw new InvalidOperationException("This server serves already.");
        }

        // Serving, which ends with the listener's close, is a use that no reference of the user's has to stand for.
        Array.ForEach(sockets, socket => socket._transport.SetOwner(socket));
        return server.RunAsync(cancellationToken);
    }

    /// <summary>Hands the socket to its user: dropped without being closed, it is closed by a finalizer.</summary>
    /// <param name="openedAt">See <see cref="EngineContext.CaptureOpenStack"/>.</param>
    internal ServerSocket HandOut(string? openedAt)
    {
        _guard = DropGuard.Create(_context, _transport, this, openedAt);
        return this;
    }

    /// <summary>What drains when this stops: the same for listeners that serve together.</summary>
    internal object Drain => (object?)_server ?? this;

    /// <summary>Cancelled when the socket is closed, or begins to stop.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>
    /// Stops: accepts what has come, closes the listener (<see cref="Completion"/>), cancels <see cref="Connection.Stopping"/> so that the
    /// handlers of <see cref="ServeAsync"/> finish, and aborts the connections that are left when the grace has passed. Without
    /// <see cref="ServeAsync"/>, the same as <see cref="DisposeAsync"/>.
    /// </summary>
    /// <remarks>
    /// A handler of this server may wait for this: it then waits for the other handlers, and not for those that wait for the same, itself
    /// among them. Work that a handler has begun, and that goes on behind it, counts as a handler that waits: what it waits for may end while one handler
    /// still runs. <see cref="ServeAsync"/> ends when these have returned, too. If the listener serves together with others
    /// (<see cref="ServerSocketExtensions.ServeAsync"/>) that go on, this closes the listener alone, and handlers go on.
    /// </remarks>
    /// <param name="grace">How long handlers may go on; <see cref="Timeout.InfiniteTimeSpan"/> for as long as they like.</param>
    /// <param name="cancellationToken">Ends the grace at once.</param>
    /// <returns>How many connections were still open when the grace had passed, and were aborted.</returns>
    public async Task<int> StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        Durations.ThrowIfNegative(grace);
        BeginStop(grace);
        if (_server is not { } server)
        {
            return 0;
        }

        if (server.IsStopping)
        {
            return await server.StopAsync(grace, cancellationToken).ConfigureAwait(false);
        }

        // Others that serve together with this one go on, and so do handlers, whichever of them the connections came to.
        try
        {
            await _completion.Task.EndOrCancelAsync(grace, _context.Engine.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Close();
        }

        return 0;
    }

    /// <summary>Begins to stop: what has come is still accepted, and then the socket is closed. Without a server, it is closed at once.</summary>
    /// <param name="grace">How long handlers may go on.</param>
    internal void BeginStop(TimeSpan? grace = null)
    {
        if (_server is not { } server)
        {
            Close();
            return;
        }

        if (grace is { } time)
        {
            server.SetGrace(time);
        }

        _transport.NoteClose(CloseReason.ServerStopped);
        _closed = true;
        _stopping.CancelInBackground(_context.Engine.Logger);
    }

    /// <summary>
    /// Closes the socket at once and gives its port back. Calls that accept end with <see cref="ObjectDisposedException"/>; connections that
    /// were accepted go on, and those that the system had ready to be accepted are reset, unlike at <see cref="StopAsync"/>.
    /// Idempotent, and never throws.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        Close(CloseReason.Closed);
        TakePending()?.Abort();
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes every step, and never throws: what a step throws is logged.</summary>
    internal void Close(CloseReason reason = CloseReason.ServerStopped)
    {
        _transport.NoteClose(reason);

        // First, so that a caller that the close wakes knows why.
        _closed = true;
        _guard?.Dismiss();
        var steps = new DisposalSteps();
        steps.Run(_transport.Close);
        steps.Run(() => _acceptor?.Close());
        steps.Run(() => _stopping.CancelInBackground(_context.Engine.Logger));
        _completion.TrySetResult();
        _transport.LogFailure(steps);
    }

    void ITransportOwner.Refuse()
    {
        _transport.NoteClose(CloseReason.ManagerDisposed);
        _closed = true;
    }

    void ITransportOwner.CloseWithManager() => Close(CloseReason.ManagerDisposed);

    private InitializingAcceptor? CreateAcceptor(ListenerTlsOptions? tls)
    {
        TlsInitializer? handshake = tls is null ? null : new TlsInitializer(tls, _context.Engine.TimeProvider);
        IConnectionInitializer[] initializers = [.. new IConnectionInitializer?[] { _proxy, handshake }.OfType<IConnectionInitializer>()];
        return initializers.Length == 0 ? null : new InitializingAcceptor(_context, _transport, initializers);
    }
}
