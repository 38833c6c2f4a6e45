using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Channels.Adapters;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Hosting.Connections;

/// <summary>Presents a socket as a connection of Kestrel, without a pump task between the socket and the application.</summary>
internal sealed class TransportConnection : ConnectionContext,
    IConnectionEndPointFeature, IConnectionIdFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionSocketFeature,
    IConnectionTransportFeature, IMemoryPoolFeature, IStreamSocketFeature, IRunnable
{
    private readonly TransportHost _host;
    private readonly StreamSocket _socket;
    private readonly StreamTransport _transport;
    private readonly ByteReadChannel _input;
    private readonly TransportWriter _writer;
    private readonly DuplexPipe _pipes;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _pumping = Task.CompletedTask;
    private CancellationTokenSource? _aborted;
    private Socket? _view;
    private ITimer? _grace;
    private SimulatedHeartbeat? _heartbeat;
    private bool _gone;
    private bool _disposed;
    private int _closedTold;

    public TransportConnection(TransportHost host, StreamSocket socket)
    {
        _host = host;
        _socket = socket;
        _transport = socket.Transport;
        _input = new ByteReadChannel(new TransportSource(this, _transport), host.Selector.BufferPool);
        socket.ReadBy = _input;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: true);
        Features = new TransportFeatures(this);
        ConnectionClosed = _closed.Token;
        PipeReader reader = _input.AsPipeReader();
        if (!_transport.CanWatchPeer)
        {
            var pump = new InputPump(_input, host.Pool, host.Options.MaxReadBufferSize);
            reader = pump.Reader;
            _pumping = pump.RunAsync();
        }

        _writer = new TransportWriter(output, host.Options.MaxWriteBufferSize ?? long.MaxValue);
        _pipes = new DuplexPipe(reader, _writer);
        Transport = _pipes;
        if (_transport.CanWatchPeer)
        {
            _transport.WatchPeer(this);
        }
    }

    public override IDuplexPipe Transport { get; set; }

    public override IFeatureCollection Features { get; }

    public override string ConnectionId
    {
        get => field ??= ConnectionIds.Next();
        set;
    }

    public override IDictionary<object, object?> Items
    {
        get => field ??= new ConnectionItems();
        set;
    }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint
    {
        get => field ??= TryGetLocalEndPoint();
        set;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => field ??= _socket.RemoteEndPoint;
        set;
    }

    public MemoryPool<byte> MemoryPool => _host.Pool;

    StreamSocket IStreamSocketFeature.Socket => _socket;

    Socket IConnectionSocketFeature.Socket
    {
        get
        {
            lock (_input)
            {
                return _view ??= _transport.OpenSocketView();
            }
        }
    }

    /// <summary>Canceled when the connection is aborted on this side, not when the peer ends or closes it.</summary>
    public CancellationToken Aborted
    {
        get
        {
            lock (_input)
            {
                _aborted ??= new CancellationTokenSource();
                if (AbortReason is not null)
                {
                    _ = _aborted.CancelAsync();
                }

                return _aborted.Token;
            }
        }
    }

    /// <summary>Why the connection was aborted on this side; null if it was not.</summary>
    public ConnectionAbortedException? AbortReason { get; private set; }

    /// <summary>Takes the place of Kestrel's heartbeat if the connection is one of a simulated host.</summary>
    public object ReplaceHeartbeat(object given) => _host.Selector.Engine == SelectorEngine.Simulated
        ? _heartbeat ??= new SimulatedHeartbeat(_host.Selector.Sockets.TimeProvider)
        : given;

    /// <summary>Called when the reader has reached the end of the peer's stream.</summary>
    public void OnPeerEnded() => _transport.Scheduler.Schedule(this);

    /// <summary>Called when the connection is over in both directions. The closed token is canceled after the reader has seen the end.</summary>
    public void OnGone()
    {
        Volatile.Write(ref _gone, true);
        _transport.Scheduler.Schedule(this);
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        CancellationTokenSource? aborted;
        lock (_input)
        {
            AbortReason ??= abortReason;
            aborted = _aborted;
        }

        _writer.Abort();
        _socket.Abort();
        OnGone();

        // On the thread pool, because user callbacks may block.
        _ = aborted?.CancelAsync();
    }

    public override void Abort() => Abort(new ConnectionAbortedException("The connection was aborted by the application."));

    public override async ValueTask DisposeAsync()
    {
        var steps = new DisposalSteps();
        await steps.RunAsync(() => _pipes.Input.CompleteAsync().AsTask()).ConfigureAwait(false);
        await steps.RunAsync(() => _pipes.Output.CompleteAsync().AsTask()).ConfigureAwait(false);
        steps.Run(() => _input.Cancel());
        await steps.RunAsync(() => _socket.CloseAsync().AsTask()).ConfigureAwait(false);
        await steps.RunAsync(() => _pumping).ConfigureAwait(false);
        steps.Run(TellClosed);
        steps.Run(EndGrace);
        steps.Run(() => _heartbeat?.Dispose());
        await steps.RunAsync(() => base.DisposeAsync().AsTask()).ConfigureAwait(false);
        if (steps.Failure is { } failure)
        {
            TransportLog.CloseFailed(_host.Logger, ConnectionId, failure);
        }
    }

    void IRunnable.Run()
    {
        if (Volatile.Read(ref _gone) || _transport.IsPeerGone)
        {
            TellClosed();
        }
        else
        {
            BeginGrace();
        }
    }

    void IThreadPoolWorkItem.Execute() => _transport.Scheduler.RunOnPoolThread(this);

    // A peer that has ended its stream may be gone, which only a send would show, or may still wait for a response. The grace period gives the
    // application time to send it.
    private void BeginGrace()
    {
        TimeSpan grace = _host.Options.HalfCloseGrace;
        if (grace == TimeSpan.Zero)
        {
            TellClosed();
            return;
        }

        if (grace == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        // A TimeProvider is user code, so it is called outside the lock.
        ITimer timer = CreateTimer(grace);
        lock (_input)
        {
            if (!_disposed && _grace is null)
            {
                _grace = timer;
                return;
            }
        }

        timer.Dispose();
    }

    private ITimer CreateTimer(TimeSpan grace)
    {
        try
        {
            return Timers.Create(_host.Selector.Sockets.TimeProvider, TellClosed, grace, Timeout.InfiniteTimeSpan);
        }
        catch (Exception)
        {
            // Here an exception may end the process, and the application has to learn of the end. The system's clock says when.
            return Timers.Create(TimeProvider.System, TellClosed, grace, Timeout.InfiniteTimeSpan);
        }
    }

    private void EndGrace()
    {
        ITimer? timer;
        lock (_input)
        {
            _disposed = true;
            timer = _grace;
        }

        timer?.Dispose();
    }

    private void TellClosed()
    {
        if (Interlocked.Exchange(ref _closedTold, 1) == 0)
        {
            try
            {
                _closed.Cancel();
            }
            catch (AggregateException exception)
            {
                TransportLog.ClosedCallbackFailed(_host.Logger, ConnectionId, exception);
            }
        }
    }

    private EndPoint? TryGetLocalEndPoint()
    {
        try
        {
            return _socket.LocalEndPoint;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}
