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

/// <summary>Represents a listening socket.</summary>
/// <remarks>Thread-safe, except that only one call at a time can accept.</remarks>
public sealed partial class ServerSocket : IAsyncDisposable, ITransportOwner
{
    private readonly EngineContext _context;
    private readonly ListenerTransport _transport;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();

    // Written before the first accept: by the constructor, or by UseTls and UseProxyProtocol while they hold _accepting.
    private volatile InitializingAcceptor? _acceptor;
    private ProxyInitializer? _proxy;
    private TlsInitializer? _tls;

    // 1 while a call accepts, or sets up TLS or the PROXY protocol; taken and released with Interlocked.
    private int _accepting;

    // Exchanged with Interlocked by the one call that serves.
    private volatile Server? _server;

    // Written before the user gets the socket.
    private SocketFinalizer? _finalizer;

    // Set first of all steps of a close.
    private volatile bool _closed;

    // Set by the user's disposal: no further call accepts.
    private volatile bool _disposed;

    internal ServerSocket(
        EngineContext context, ListenerTransport transport, ProxyProtocolOptions? proxyProtocol = null, ListenerTlsOptions? tls = null)
    {
        _context = context;
        _transport = transport;
        _proxy = proxyProtocol is null ? null : new ProxyInitializer(proxyProtocol, context.Engine.TimeProvider);
        _tls = tls is null ? null : new TlsInitializer(tls, context.Engine.TimeProvider);
        _acceptor = CreateAcceptor();
        transport.SetOwner(this);
    }

    /// <summary>
    /// Gets the end point that the server listens at: a copy, which the caller may change. At <c>localhost</c>, the IPv4 one of
    /// <see cref="LocalEndPoints"/> if there is one.
    /// </summary>
    public EndPoint LocalEndPoint => EndPointCopy.Of(_transport.LocalEndPoint);

    /// <summary>
    /// Gets all end points that the server listens at: one, or two at <c>localhost</c>, which have the same <see cref="Port"/>.
    /// </summary>
    public IReadOnlyList<EndPoint> LocalEndPoints => [.. _transport.LocalEndPoints.Select(EndPointCopy.Of)];

    /// <summary>Gets the port that the server listens at; 0 if it has none.</summary>
    public int Port => (_transport.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>Gets a value indicating whether the socket is closed, or is closing.</summary>
    public bool IsClosed => _closed;

    /// <summary>Gets a task that completes when the socket is closed and its port is free. It never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Accepts a connection; waits until there is one.</summary>
    /// <param name="cancellationToken">Ends the wait. No connection is lost: the next call returns it.</param>
    /// <returns>The connection, with the options of <see cref="TcpListenerOptions.Accepted"/>.</returns>
    /// <exception cref="SocketException">The accept failed, for instance because the process has no free descriptors
    /// (<see cref="SocketError.TooManyOpenSockets"/>). It can be retried.</exception>
    /// <exception cref="InvalidOperationException">Another call is accepting.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> AcceptAsync(CancellationToken cancellationToken = default) => AcceptOneAsync(handsOut: true, cancellationToken);

    /// <inheritdoc cref="AcceptAsync"/>
    /// <param name="handsOut">Whether the user gets the connection, and could drop it without a disposal.</param>
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
        catch (ObjectDisposedException) when (TakePending() is { } pending)
        {
            return handsOut ? pending.HandOut(openedAt) : pending;
        }
        finally
        {
            Volatile.Write(ref _accepting, 0);
        }
    }

    /// <summary>
    /// Accepts connections until the server is closed, which ends the enumeration. Transient errors are logged, and the accept is retried after a pause.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The connections. Each is accepted when the enumeration advances.</returns>
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
                // The server or its manager is closed. A manager may refuse an accepted connection before it closes the server.
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
    /// Accepts connections and runs <paramref name="handler"/> for each, on the connection's own event loop, until the token is cancelled, or the server is
    /// stopped or closed. A connection is closed when its handler ends. An exception of a handler ends that connection only: it is logged and passed to
    /// <see cref="ServeOptions.OnError"/>, except for an <see cref="OperationCanceledException"/> while the server stops, which is a regular end.
    /// </summary>
    /// <param name="handler">
    /// Serves one connection. Its token is cancelled before the connection is aborted, at the end of the grace. <see cref="Connection.Stopping"/> is
    /// cancelled when the server begins to stop: a handler that passes that token to the read of the next request ends at once if its client is idle, and
    /// otherwise completes its answer.
    /// </param>
    /// <param name="options">The limits and callbacks; null for the defaults.</param>
    /// <param name="cancellationToken">Stops as <see cref="StopAsync"/> does, with a grace of <see cref="ServeOptions.Grace"/>.</param>
    /// <returns>A task that completes when the server has stopped and its handlers have ended. A cancellation is a regular end and does not
    /// throw.</returns>
    /// <exception cref="InvalidOperationException">The server serves or accepts already.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    /// <exception cref="SocketException">An accept failed for a reason that is not transient.</exception>
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
            throw new ArgumentException("At least one listener is needed, each only once, and all of one manager.", nameof(sockets));
        }

        foreach (ServerSocket socket in sockets)
        {
            socket.ThrowIfClosed();
            if (socket._server is null && Volatile.Read(ref socket._accepting) != 0)
            {
                throw new InvalidOperationException("This server is accepting; it cannot serve at the same time.");
            }
        }

        var server = new Server(sockets, sockets[0]._context.Engine, handler, options);
        int taken = Array.FindIndex(sockets, socket => Interlocked.CompareExchange(ref socket._server, server, null) is not null);
        if (taken >= 0)
        {
            Array.ForEach(sockets[..taken], socket => socket._server = null);
            throw new InvalidOperationException("This server serves already.");
        }

        // A server that serves stays open even if the user keeps no reference to it: the engine refers to it strongly.
        Array.ForEach(sockets, socket => socket._transport.SetOwner(socket));
        return server.RunAsync(cancellationToken);
    }

    /// <summary>Adds the finalizer that closes the socket if the user drops it without a disposal. Called before the user gets the socket.</summary>
    /// <param name="openedAt">See <see cref="EngineContext.CaptureOpenStack"/>.</param>
    internal ServerSocket HandOut(string? openedAt)
    {
        _finalizer = SocketFinalizer.Create(_context, _transport, this, openedAt);
        return this;
    }

    /// <summary>Identifies the drain of this listener: listeners that serve together have the same.</summary>
    internal object Drain => (object?)_server ?? this;

    /// <summary>Cancelled when the socket is closed, or begins to stop.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>
    /// Stops the server: accepts the connections that have come, closes the listener (<see cref="Completion"/>), cancels <see cref="Connection.Stopping"/> so
    /// that the handlers of <see cref="ServeAsync"/> finish, and aborts the connections that are open at the end of the grace. Without
    /// <see cref="ServeAsync"/>, the same as <see cref="DisposeAsync"/>.
    /// </summary>
    /// <remarks>
    /// A handler of this server may await this method. It then waits for the other handlers, but not for those that await this method too. Work that a handler
    /// has started and not awaited counts as a handler that waits: its wait may end while one handler still runs. <see cref="ServeAsync"/> ends when all of
    /// these have returned. If the listener serves together with others (<see cref="ServerSocketExtensions.ServeAsync"/>) that continue, this closes the
    /// listener only, and handlers continue.
    /// </remarks>
    /// <param name="grace">The time that handlers have; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Ends the grace at once.</param>
    /// <returns>The number of connections that were still open at the end of the grace, and were aborted.</returns>
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

        // The other listeners that serve together with this one continue, and so do all handlers.
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

    /// <summary>Begins to stop: the connections that have come are accepted, and then the socket is closed. Without a server, it is closed at once.</summary>
    /// <param name="grace">The time that handlers have.</param>
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
    /// Closes the socket at once, which frees its port. Pending accepts end with <see cref="ObjectDisposedException"/>. Accepted connections continue; those
    /// in the backlog are reset, unlike with <see cref="StopAsync"/>. Idempotent, and never throws.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        Interlocked.MemoryBarrier();
        Close(CloseReason.Closed);
        TakePending()?.Abort();
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the socket. Takes every step, and never throws: the exceptions of a step are logged.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="keepsAccepted">Whether connections whose initialization has begun can still be accepted by the caller.</param>
    internal void Close(CloseReason reason = CloseReason.ServerStopped, bool keepsAccepted = false)
    {
        _transport.NoteClose(reason);

        // Set first: a caller that the close wakes reads it.
        _closed = true;
        _finalizer?.Suppress();
        var steps = new DisposalSteps();
        steps.Run(_transport.Close);
        if (!keepsAccepted)
        {
            steps.Run(() => _acceptor?.Close());
        }

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

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw _transport.Closed();
        }
    }

    private InitializingAcceptor? CreateAcceptor()
    {
        // The header comes before the handshake.
        IConnectionInitializer[] initializers = [.. new IConnectionInitializer?[] { _proxy, _tls }.OfType<IConnectionInitializer>()];
        return initializers.Length == 0 ? null : new InitializingAcceptor(_context, _transport, initializers);
    }
}
