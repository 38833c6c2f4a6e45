using System.Net;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Sockets;
using Sluice.Tls;

namespace Sluice;

/// <summary>Represents a connected stream socket, which is read and written through its two channels. Each channel is opened once.</summary>
/// <remarks>Thread-safe, except that each channel has one reader or writer at a time.</remarks>
public sealed partial class StreamSocket : IAsyncDisposable, ITransportOwner, IConnectionOwner
{
    private readonly EngineContext _context;

    // Also the lock that guards the fields below: no other code locks it, and a lock of its own would cost each connection memory.
    private readonly StreamTransport _transport;
    private readonly ConnectionMeter? _meter;
    private TaskCompletionSource? _completion;
    private SocketFinalizer? _finalizer;
    private bool _inputOpened;
    private bool _outputOpened;
    private bool _inPreamble;
    private bool _closed;
    private bool _closeBegun;
    private bool _completed;

    // Written under the lock, and no longer once _closed is set. Describe and the steps of a close read them without it.
    private volatile ByteReadChannel? _input;
    private volatile ByteWriteChannel? _output;
    private volatile TlsLayer? _layer;
    private volatile PeerIdentity? _peer;

    /// <summary>Creates the socket of a connection that was made, or was accepted at <paramref name="listener"/>.</summary>
    internal StreamSocket(EngineContext context, StreamTransport transport, ListenerTransport? listener = null)
    {
        _context = context;
        _transport = transport;
        _meter = ConnectionMeter.TryBegin(context.Metrics, transport, listener, context.Engine.Logger);
        transport.SetOwner(this);
    }

    /// <summary>Gets the local end point: a copy, which the caller may change.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before the first call.</exception>
    public EndPoint LocalEndPoint
    {
        get
        {
            try
            {
                return EndPointCopy.Of(_transport.LocalEndPoint);
            }
            catch (ObjectDisposedException)
            {
                throw _transport.Closed();
            }
        }
    }

    /// <summary>
    /// Gets the end point of the peer. With proxies in between, it is the end point behind them: of an accepted connection the one in the PROXY header
    /// (<see cref="TcpListenerOptions.ProxyProtocol"/>), of a connection that was made through proxies its target. A copy, which the caller may change.
    /// It is still known after the socket is closed.
    /// </summary>
    public EndPoint RemoteEndPoint => EndPointCopy.Of(_peer?.RemoteEndPoint ?? _transport.RemoteEndPoint);

    /// <summary>
    /// Gets the end point that the socket itself is connected to: that of the nearest proxy if there is one, else <see cref="RemoteEndPoint"/>. It is still
    /// known after the socket is closed.
    /// </summary>
    public EndPoint TransportRemoteEndPoint => EndPointCopy.Of(_transport.RemoteEndPoint);

    /// <summary>Gets the PROXY header at the start of the connection; null if the listener expected none.</summary>
    public ProxyHeader? ProxyHeader => _peer?.Header;

    /// <summary>Gets the options of the open socket.</summary>
    public LiveStreamOptions Options => field ??= new LiveStreamOptions(_transport);

    /// <summary>Gets a value indicating whether the socket is closed, or is closing.</summary>
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
    /// Gets a task that completes when the socket and its descriptor are closed, for whatever reason. It never fails: reads and writes throw the errors.
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

    /// <summary>Gets the negotiated parameters of TLS; null if the connection does not use TLS.</summary>
    public TlsSession? Tls => _layer?.Session;

    TimeProvider IConnectionOwner.TimeProvider => _context.Engine.TimeProvider;

    TlsLayer? IConnectionOwner.Layer => _layer;

    IScheduler ITlsHost.Scheduler => Scheduler;

    string ITlsHost.PeerName => _transport.PeerName;

    SluiceMetrics? IObserved.Metrics => _context.Metrics;

    EndPoint? ITransportOwner.Peer => _peer?.RemoteEndPoint;

    // With TLS, the bytes of the records.
    (long Received, long Sent) ITransportOwner.Bytes => _layer is { } layer
        ? layer.Bytes
        : ((ReadBy ?? _input)?.TotalBytesRead ?? 0, _output?.TotalBytesWritten ?? 0);

    /// <summary>The channel that reads from the transport instead of the socket's own. Only for counting; set before the user gets the connection.</summary>
    internal ByteReadChannel? ReadBy { get; set; }

    internal IScheduler Scheduler => _transport.Scheduler;

    internal StreamTransport Transport => _transport;

    internal EngineContext Context => _context;

    /// <summary>Opens the read channel.</summary>
    /// <returns>The channel. It is closed with the socket.</returns>
    /// <exception cref="InvalidOperationException">The channel was opened already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public ByteReadChannel OpenReadChannel()
    {
        lock (_transport)
        {
            ThrowIfClosed();
            if (_inputOpened && !_inPreamble)
            {
                throw new InvalidOperationException("The read channel of this socket is open already.");
            }

            _inPreamble = false;
            _inputOpened = true;
            return Input;
        }
    }

    /// <summary>Opens the write channel.</summary>
    /// <param name="autoFlush">
    /// Whether written bytes are sent without a flush. Default: false, they are sent by a flush or when the buffer is full.
    /// </param>
    /// <returns>The channel. It is closed with the socket.</returns>
    /// <exception cref="InvalidOperationException">The channel was opened already, or the output was shut down.</exception>
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

    /// <summary>Adds the finalizer that closes the socket if the user drops it without a disposal. Called before the user gets the socket.</summary>
    /// <param name="openedAt">See <see cref="EngineContext.CaptureOpenStack"/>.</param>
    internal StreamSocket HandOut(string? openedAt)
    {
        var finalizer = SocketFinalizer.Create(_context, _transport, this, openedAt);
        lock (_transport)
        {
            _finalizer = finalizer;
            if (_closed)
            {
                finalizer?.Suppress();
            }
        }

        return this;
    }

    /// <summary>Opens the read channel for bytes that come before those of the owner, such as a PROXY header. The owner then opens the same channel.</summary>
    internal ByteReadChannel BeginPreamble()
    {
        lock (_transport)
        {
            ByteReadChannel input = OpenReadChannel();
            _inPreamble = true;
            return input;
        }
    }

    /// <summary>Ends the preamble: the positions of the read channel count from here on.</summary>
    internal void EndPreamble(PeerIdentity? peer)
    {
        lock (_transport)
        {
            _input?.BeginHere();
            _peer = peer;
        }
    }

    /// <summary>
    /// Opens both channels. The write channel has auto-flush on, which costs nothing extra in a handler: written bytes are sent when the handler waits.
    /// </summary>
    /// <returns>The connection.</returns>
    /// <exception cref="InvalidOperationException">One of the channels was opened already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public Connection OpenConnection() => new(this, OpenReadChannel(), OpenWriteChannel(autoFlush: true));

    /// <summary>Waits for a connection that is being made, and gets a stream that owns it.</summary>
    internal static async ValueTask<Stream> OpenStreamAsync(ValueTask<StreamSocket> connecting)
    {
        StreamSocket socket = await connecting.ConfigureAwait(false);
        return socket.OpenConnection().AsStream(ownsConnection: true);
    }

    /// <summary>Begins TLS on a socket whose channels are not open. If the handshake fails, the socket is closed.</summary>
    internal ValueTask StartTlsAsync(TlsHandshake handshake, CancellationToken cancellationToken) =>
        new Connection(this, OpenReadChannel(), OpenWriteChannel()).StartTlsAsync(handshake, cancellationToken);

    /// <summary>
    /// Sends what was written, and then the end of the stream (FIN). Reading continues. The same as
    /// <see cref="ByteWriteChannel.CompleteAsync(CancellationToken)"/>. The write channel can no longer be opened afterwards.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask ShutdownOutputAsync(CancellationToken cancellationToken = default)
    {
        ByteWriteChannel output;
        lock (_transport)
        {
            ThrowIfClosed();
            _outputOpened = true;
            output = Output;
        }

        return output.CompleteAsync(cancellationToken);
    }

    /// <summary>
    /// Closes the socket: sends what was written and the end of the stream, waits until the peer has received it, and closes the descriptor. Takes at most
    /// <see cref="StreamSocketOptions.CloseTimeout"/>; bytes that are unsent by then are lost, and the peer sees a reset. Pending reads and writes end with
    /// <see cref="ObjectDisposedException"/> at once. Idempotent: a second call waits for the first.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. The close continues in the background, within its timeout.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        Task closing = TryBeginClose(CloseReason.Closed)
            ? new SocketCloser(_context.Engine, _transport, _layer, _input, _output, Finish).CloseAsync()
            : Completion;
        return closing.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(closing.EndOrCancelAsync(cancellationToken));
    }

    /// <summary>
    /// Closes the socket at once: unsent bytes are lost, and the peer sees a reset (RST). Idempotent; also ends a <see cref="CloseAsync"/> that is waiting.
    /// Never throws: exceptions of user code, such as a buffer pool, are logged.
    /// </summary>
    public void Abort() => Abort(CloseReason.Aborted);

    void IConnectionOwner.Abort(CloseReason reason) => Abort(reason);

    void IObserved.ReportObserverFailure(Exception exception) => _context.Engine.Logger.ObserverFailed(exception);

    void IConnectionOwner.ReportCallbackFailure(Exception exception) => _context.Engine.Logger.OnDroppedFailed(exception);

    internal void Abort(CloseReason reason)
    {
        TryBeginClose(reason);
        var steps = new DisposalSteps();
        EndChannels(steps);
        steps.Run(_transport, static transport => transport.Abort());
        steps.Run(this, static socket => socket._meter?.End("aborted"));
        Finish(steps);
    }

    /// <summary>Closes the socket, as <see cref="CloseAsync"/> does. Memory that the read channel has handed out is invalid afterwards.</summary>
    public ValueTask DisposeAsync()
    {
        ValueTask closing = CloseAsync();
        _input?.EndHold();
        return closing;
    }

    // Bounded, and never fails: written bytes are still sent, as by a disposal.
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

    // The disposal of a manager does not wait for peers: written bytes get one last attempt to be sent.
    void ITransportOwner.CloseWithManager()
    {
        TryBeginClose(CloseReason.ManagerDisposed);
        var steps = new DisposalSteps();
        steps.Run(this, static socket => socket._output?.BeginClose());
        EndChannels(steps);
        Finish(steps);
    }

    void IConnectionOwner.BeginTls(TlsLayer layer)
    {
        lock (_transport)
        {
            ThrowIfClosed();
            _layer = _layer is null ? layer : throw new InvalidOperationException("The connection uses TLS already.");
            _input = null;
            _output = null;
            _inputOpened = false;
            _outputOpened = false;
        }
    }

    // Called under the lock. Descriptors are sent and received through the channels too, opened or not.
    private ByteReadChannel Input => _input ??= new ByteReadChannel(_layer?.Source ?? _transport, _context.BufferPool) { KeptAlive = this };

    private ByteWriteChannel Output =>
        _output ??= new ByteWriteChannel(_layer?.Sink ?? _transport, _context.BufferPool, autoFlush: false) { KeptAlive = this };

    // From here on, no channel is opened and no session begins. True for the one caller that closes; the others wait for Completion.
    private bool TryBeginClose(CloseReason reason)
    {
        lock (_transport)
        {
            _transport.NoteClose(reason);
            bool first = !_closeBegun;
            _closeBegun = true;
            _closed = true;
            _finalizer?.Suppress();
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

    // Ends pending reads and writes at once.
    private void EndChannels(DisposalSteps steps)
    {
        steps.Run(this, static socket => socket._input?.Cancel());
        steps.Run(_transport, static transport => transport.CloseInput());
        steps.Run(this, static socket => socket._output?.DiscardAndClose());
        steps.Run(this, static socket => socket._layer?.DiscardAndClose());
    }

    // The last steps of every close. Idempotent.
    private void Finish(DisposalSteps steps)
    {
        steps.Run(_transport, static transport => transport.Close());
        steps.Run(this, static socket => socket._layer?.Dispose());
        steps.Run(this, static socket => socket._meter?.End(socket._input?.CloseCause is { } cause ? SluiceMetrics.ErrorType(cause) : null));
        TaskCompletionSource? completion;
        lock (_transport)
        {
            _completed = true;
            completion = _completion;
        }

        completion?.TrySetResult();
        _transport.LogFailure(steps);
    }
}
