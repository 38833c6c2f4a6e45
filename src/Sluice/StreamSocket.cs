using System.Net;
using Sluice.Channels;
using Sluice.Engine;
using Sluice.Sockets;

namespace Sluice;

/// <summary>A connected stream socket. Its bytes go through the channels that are opened on it, once each.</summary>
/// <remarks>Thread-safe, except that each channel has one reader or writer at a time.</remarks>
public sealed partial class StreamSocket : IAsyncDisposable, ITransportOwner, IConnectionOwner
{
    private readonly SelectorManager _selector;

    // Also the lock of what follows. Nobody else locks it, and a lock of its own, as all that not every connection needs, would cost each
    // connection memory.
    private readonly StreamTransport _transport;
    private TaskCompletionSource? _completion;
    private SourceReadChannel? _input;
    private SinkWriteChannel? _output;
    private Task? _closing;
    private bool _closed;
    private bool _completed;
    private bool _inHandshake;
    private SocketOrigin? _origin;

    internal StreamSocket(SelectorManager selector, StreamTransport transport)
    {
        _selector = selector;
        _transport = transport;
        transport.SetOwner(this);
    }

    /// <summary>The end point on this side.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before anybody asked.</exception>
    public EndPoint LocalEndPoint => _transport.LocalEndPoint;

    /// <summary>
    /// The end point of the peer. If there are proxies in between, the one behind them: of a connection that was accepted, what the PROXY
    /// header said (<see cref="TcpListenerOptions.ProxyProtocol"/>); of one that was made through proxies, what they were asked for. Known even
    /// after the socket is closed.
    /// </summary>
    public EndPoint RemoteEndPoint => _origin?.RemoteEndPoint ?? _transport.RemoteEndPoint;

    /// <summary>
    /// The end point that this socket itself is connected to: that of the nearest proxy, if there is one, else <see cref="RemoteEndPoint"/>.
    /// Known even after the socket is closed.
    /// </summary>
    public EndPoint TransportRemoteEndPoint => _transport.RemoteEndPoint;

    /// <summary>The PROXY header that the connection began with; null if none was expected of it.</summary>
    public ProxyHeader? ProxyHeader => _origin?.Header;

    /// <summary>The options of the live socket, to be read and set.</summary>
    public LiveSocketOptions Options => field ??= new LiveSocketOptions(_transport);

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

    internal Scheduling.IScheduler Scheduler => _transport.Scheduler;

    internal StreamTransport Transport => _transport;

    /// <summary>Opens the channel for reading.</summary>
    /// <returns>The channel. It is closed with the socket.</returns>
    /// <exception cref="InvalidOperationException">It was opened already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public ByteReadChannel OpenReadChannel()
    {
        lock (_transport)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_input is not null && !_inHandshake)
            {
                throw new InvalidOperationException("The read channel of this socket is open already.");
            }

            _inHandshake = false;
            return _input ??= new SourceReadChannel(_transport, _selector.BufferPool);
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
            ObjectDisposedException.ThrowIf(_closed, this);
            return _output is null
                ? _output = new SinkWriteChannel(_transport, _selector.BufferPool, autoFlush)
                : throw new InvalidOperationException("The write channel of this socket is open already.");
        }
    }

    /// <summary>Opens the channel for reading for something that comes before the owner opens it, who then gets the same.</summary>
    internal ByteReadChannel BeginHandshake()
    {
        ByteReadChannel input = OpenReadChannel();
        _inHandshake = true;
        return input;
    }

    /// <summary>What was read until now was not the owner's.</summary>
    internal void EndHandshake(SocketOrigin? origin)
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
            ObjectDisposedException.ThrowIf(_closed, this);
            output = _output ??= new SinkWriteChannel(_transport, _selector.BufferPool, autoFlush: false);
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
        Task closing;
        lock (_transport)
        {
            if (_closing is null)
            {
                _closed = true;
                _closing = new SocketCloser(_selector.Sockets, _transport, _input, _output, Complete).CloseAsync();
            }

            closing = _closing;
        }

        return closing.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(closing.WaitAsync(cancellationToken));
    }

    /// <summary>
    /// Closes the socket at once: what was not sent is lost, and the peer sees a reset (RST). Idempotent; cuts a <see cref="CloseAsync"/>
    /// short.
    /// </summary>
    public void Abort()
    {
        CutOff();
        _transport.Abort();
        Complete();
    }

    /// <summary>As <see cref="CloseAsync"/>.</summary>
    public ValueTask DisposeAsync() => CloseAsync();

    // The manager is going: no time for a proper close. What is written gets one last try on the way out.
    void ITransportOwner.Abandon()
    {
        lock (_transport)
        {
            _output?.BeginClose();
        }

        CutOff();
        _transport.Close();
        Complete();
    }

    private void CutOff()
    {
        lock (_transport)
        {
            _closed = true;
            _closing ??= Completion;
        }

        _input?.CloseForRead();
        _transport.CloseInput();
        _output?.Abandon();
    }

    private void Complete()
    {
        TaskCompletionSource? completion;
        lock (_transport)
        {
            _completed = true;
            completion = _completion;
        }

        completion?.TrySetResult();
    }
}
