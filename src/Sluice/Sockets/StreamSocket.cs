using System.Net;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Sockets;
using Sluice.Tls;

namespace Sluice;

/// <summary>A connected stream socket. Its bytes go through the channels that are opened on it, once each.</summary>
/// <remarks>Thread-safe, except that each channel has one reader or writer at a time.</remarks>
public sealed partial class StreamSocket : IAsyncDisposable, ITransportOwner, IConnectionOwner
{
    private readonly EngineContext _context;

    // Also the lock of what follows. Nobody else locks it, and a lock of its own, as all that not every connection needs, would cost each
    // connection memory.
    private readonly StreamTransport _transport;
    private readonly ConnectionMeter? _meter;
    private TaskCompletionSource? _completion;
    private SourceReadChannel? _input;
    private SinkWriteChannel? _output;
    private TlsLayer? _layer;
    private DropGuard? _guard;
    private bool _inputOpened;
    private bool _outputOpened;
    private bool _closed;
    private bool _closeBegun;
    private bool _completed;
    private bool _inHandshake;
    private PeerIdentity? _origin;

    /// <summary>A connection that was made, or was accepted at <paramref name="listener"/>.</summary>
    internal StreamSocket(EngineContext context, StreamTransport transport, ListenerTransport? listener = null)
    {
        _context = context;
        _transport = transport;
        _meter = ConnectionMeter.TryBegin(context.Metrics, transport, listener);
        transport.SetOwner(this);
    }

    /// <summary>The end point on this side: a copy, which the caller may change.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before anybody asked.</exception>
    public EndPoint LocalEndPoint => EndPointCopy.Of(_transport.LocalEndPoint);

    /// <summary>
    /// The end point of the peer. If there are proxies in between, the one behind them: of a connection that was accepted, what the PROXY
    /// header said (<see cref="TcpListenerOptions.ProxyProtocol"/>); of one that was made through proxies, what they were asked for. A copy, which
    /// the caller may change. Known even after the socket is closed.
    /// </summary>
    public EndPoint RemoteEndPoint => EndPointCopy.Of(_origin?.RemoteEndPoint ?? _transport.RemoteEndPoint);

    /// <summary>
    /// The end point that this socket itself is connected to: that of the nearest proxy, if there is one, else <see cref="RemoteEndPoint"/>.
    /// Known even after the socket is closed.
    /// </summary>
    public EndPoint TransportRemoteEndPoint => EndPointCopy.Of(_transport.RemoteEndPoint);

    /// <summary>The PROXY header that the connection began with; null if none was expected of it.</summary>
    public ProxyHeader? ProxyHeader => _origin?.Header;

    /// <summary>The options of the live socket, to be read and set.</summary>
    public LiveStreamOptions Options => field ??= new LiveStreamOptions(_transport);

    /// <summary>Whether the socket is closed, or closing.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_transport)
            {
                return _closed;
            }
        }
    }

    /// <summary>
    /// Completes when the socket is closed and its descriptor gone, however that came about. Never fails: errors are told to whoever reads
    /// and writes.
    /// </summary>
    public Task Completion
    {
        get
        {
            lock (_transport)
            {
                return _completed ? Task.CompletedTask : (_completion ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>What was agreed upon for TLS; null if the connection is not under TLS.</summary>
    public TlsSession? Tls => _layer?.Session;

    TimeProvider IConnectionOwner.TimeProvider => _context.Engine.TimeProvider;

    TlsLayer? IConnectionOwner.Layer => _layer;

    IScheduler ITlsHost.Scheduler => Scheduler;

    SluiceMetrics? IConnectionOwner.Metrics => _context.Metrics;

    EndPoint? ITransportOwner.Peer => _origin?.RemoteEndPoint;

    // Of what is under TLS, the records.
    (long Received, long Sent) ITransportOwner.Bytes => _layer is { } layer
        ? layer.Bytes
        : ((ReadBy ?? _input)?.TotalBytesRead ?? 0, _output?.TotalBytesWritten ?? 0);

    /// <summary>Who reads from the transport instead of the socket's own channel: for counting.</summary>
    internal ByteReadChannel? ReadBy { get; set; }

    internal IScheduler Scheduler => _transport.Scheduler;

    internal StreamTransport Transport => _transport;

    internal EngineContext Context => _context;

    /// <summary>Opens the channel for reading.</summary>
    /// <returns>The channel. It is closed with the socket.</returns>
    /// <exception cref="InvalidOperationException">It was opened already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public ByteReadChannel OpenReadChannel()
    {
        lock (_transport)
        {
            ThrowIfClosed();
            if (_inputOpened && !_inHandshake)
            {
                throw new InvalidOperationException("The read channel of this socket is open already.");
            }

            _inHandshake = false;
            _inputOpened = true;
            return Input;
        }
    }

    /// <summary>Opens the channel for writing.</summary>
    /// <param name="autoFlush">
    /// Whether what is written leaves by itself. Default: false, it leaves when somebody flushes or the buffer is full.
    /// </param>
    /// <returns>The channel. It is closed with the socket.</returns>
    /// <exception cref="InvalidOperationException">It was opened already, or the output was shut down.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public ByteWriteChannel OpenWriteChannel(bool autoFlush = false)
    {
        lock (_transport)
        {
            ThrowIfClosed();
            if (_outputOpened)
            {
                throw new InvalidOperationException("The write channel of this socket is open already.");
            }

            _outputOpened = true;
            Output.AutoFlush = autoFlush;
            return Output;
        }
    }

    /// <summary>Hands the socket to its user: dropped without being closed, it is closed by a finalizer.</summary>
    /// <param name="openedAt">See <see cref="EngineContext.CaptureOpenStack"/>.</param>
    internal StreamSocket HandOut(string? openedAt)
    {
        var guard = DropGuard.Create(_context, _transport, this, openedAt);
        lock (_transport)
        {
            _guard = guard;
            if (_closed)
            {
                guard?.Dismiss();
            }
        }

        return this;
    }

    /// <summary>Opens the channel for reading for something that comes before the owner opens it, who then gets the same.</summary>
    internal ByteReadChannel BeginPreamble()
    {
        ByteReadChannel input = OpenReadChannel();
        _inHandshake = true;
        return input;
    }

    /// <summary>What was read until now was not the owner's.</summary>
    internal void EndHandshake(PeerIdentity? origin)
    {
        _input?.BeginHere();
        _origin = origin;
    }

    /// <summary>
    /// Opens both channels, the one for writing with auto-flush, which costs nothing extra in a handler: what it writes leaves when it
    /// waits.
    /// </summary>
    /// <returns>The connection.</returns>
    /// <exception cref="InvalidOperationException">One of them was opened already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public Connection OpenConnection() => new(this, OpenReadChannel(), OpenWriteChannel(autoFlush: true));

    /// <summary>A connection that is being made, as a stream that owns it.</summary>
    internal static async ValueTask<Stream> OpenStreamAsync(ValueTask<StreamSocket> connecting)
    {
        StreamSocket socket = await connecting.ConfigureAwait(false);
        return socket.OpenConnection().AsStream(ownsConnection: true);
    }

    /// <summary>Begins TLS on a socket that nobody has opened a channel of. If that fails, the socket is closed.</summary>
    internal ValueTask StartTlsAsync(TlsHandshake handshake, CancellationToken cancellationToken) =>
        new Connection(this, OpenReadChannel(), OpenWriteChannel()).StartTlsAsync(handshake, cancellationToken);

    /// <summary>
    /// Tells the peer that nothing more will come (FIN), after what was written is sent: its reads come to their end. Reading goes on. The
    /// same as
    /// <see cref="ByteWriteChannel.CompleteAsync(CancellationToken)"/>; without a write channel, none can be opened afterwards.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask ShutdownOutputAsync(CancellationToken cancellationToken = default)
    {
        SinkWriteChannel output;
        lock (_transport)
        {
            ThrowIfClosed();
            _outputOpened = true;
            output = Output;
        }

        return output.CompleteAsync(cancellationToken);
    }

    /// <summary>
    /// Closes the socket: sends what was written, tells the peer, waits until it has all of it, and closes the descriptor. Takes at most
    /// <see cref="StreamSocketOptions.CloseTimeout"/>; what was not
    /// sent by then is lost, and the peer sees a reset. Reads and writes that are pending end with <see cref="ObjectDisposedException"/> at
    /// once.
    /// Idempotent: a second call waits for the first.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. Closing goes on by itself, within its time.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        Task closing = TryBeginClose(CloseReason.Closed)
            ? new SocketCloser(_context.Engine, _transport, _layer, _input, _output, Complete).CloseAsync()
            : Completion;
        return closing.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(closing.EndOrCancelAsync(cancellationToken));
    }

    /// <summary>
    /// Closes the socket at once: what was not sent is lost, and the peer sees a reset (RST). Idempotent; cuts a <see cref="CloseAsync"/>
    /// short. Never throws: what a buffer pool or another thing of the user's throws on the way is logged.
    /// </summary>
    public void Abort() => Abort(CloseReason.Aborted);

    internal void Abort(CloseReason reason)
    {
        var steps = new DisposalSteps();
        CutOff(steps, reason);
        steps.Run(this, static socket => socket._transport.Abort());
        steps.Run(this, static socket => socket._layer?.Dispose());
        steps.Run(this, static socket => socket._meter?.End("aborted"));
        Complete(steps);
        _transport.LogFailure(steps);
    }

    /// <summary>As <see cref="CloseAsync"/>. What the read channel has handed out of its buffer is valid no longer.</summary>
    public ValueTask DisposeAsync()
    {
        ValueTask closing = CloseAsync();
        _input?.EndHold();
        return closing;
    }

    // Bounded, and never fails: what was written is still sent, as after a disposal.
    void ITransportOwner.CloseDropped() => _ = CloseAsync().AsTask();

    void ITransportOwner.Refuse()
    {
        TryBeginClose(CloseReason.ManagerDisposed);
        var steps = new DisposalSteps();
        steps.Run(this, static socket => socket._input?.CloseForRead());
        steps.Run(this, static socket => socket._output?.Refuse());
        steps.Run(this, static socket => socket._layer?.Refuse());
        _transport.LogFailure(steps);
    }

    // The manager is going: no time for a proper close. What is written gets one last try on the way out.
    void ITransportOwner.CloseWithManager()
    {
        TryBeginClose(CloseReason.ManagerDisposed);
        var steps = new DisposalSteps();
        steps.Run(this, static socket => socket._output?.BeginClose());
        CutOff(steps, CloseReason.ManagerDisposed);
        steps.Run(this, static socket => socket._transport.Close());
        steps.Run(this, static socket => socket._layer?.Dispose());
        Complete(steps);
        _transport.LogFailure(steps);
    }

    void IConnectionOwner.BeginTls(TlsLayer layer)
    {
        lock (_transport)
        {
            ThrowIfClosed();
            _layer = _layer is null ? layer : throw new InvalidOperationException("The connection is under TLS already.");
            _input = null;
            _output = null;
            _inputOpened = false;
            _outputOpened = false;
        }
    }

    // To be asked for in the lock. Descriptors are sent and received through them, too, opened or not.
    private SourceReadChannel Input => _input ??= new SourceReadChannel(_layer?.Source ?? _transport, _context.BufferPool) { KeptAlive = this };

    private SinkWriteChannel Output =>
        _output ??= new SinkWriteChannel(_layer?.Sink ?? _transport, _context.BufferPool, autoFlush: false) { KeptAlive = this };

    // No channel is opened and no session begun afterwards. True: the caller is the one that closes, and everyone else waits for Completion.
    private bool TryBeginClose(CloseReason reason)
    {
        lock (_transport)
        {
            _transport.NoteClose(reason);
            bool first = !_closeBegun;
            _closeBegun = true;
            _closed = true;
            _guard?.Dismiss();
            return first;
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw _transport.Closed();
        }
    }

    private void CutOff(DisposalSteps steps, CloseReason reason)
    {
        TryBeginClose(reason);
        steps.Run(this, static socket => socket._input?.Cancel());
        steps.Run(this, static socket => socket._transport.CloseInput());
        steps.Run(this, static socket => socket._output?.DiscardAndClose());
        steps.Run(this, static socket => socket._layer?.DiscardAndClose());
    }

    private void Complete(DisposalSteps steps)
    {
        steps.Run(this, static socket => socket._meter?.End(socket._input?.CloseCause is { } cause ? SluiceMetrics.ErrorType(cause) : null));
        TaskCompletionSource? completion;
        lock (_transport)
        {
            _completed = true;
            completion = _completion;
        }

        completion?.TrySetResult();
    }
}
