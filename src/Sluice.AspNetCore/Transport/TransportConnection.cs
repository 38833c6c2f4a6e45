using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Channels;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.AspNetCore.Transport;

/// <summary>A socket as Kestrel's connection: no task of ours stands between it and who reads and writes.</summary>
internal sealed class TransportConnection : ConnectionContext,
    IConnectionEndPointFeature, IConnectionIdFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionSocketFeature,
    IConnectionTransportFeature, IMemoryPoolFeature, IStreamSocketFeature, IRunnable
{
    private readonly SluiceHost _host;
    private readonly StreamSocket _socket;
    private readonly StreamTransport _transport;
    private readonly SourceReadChannel _input;
    private readonly DuplexPipe _pipes;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _pumping = Task.CompletedTask;
    private Socket? _view;
    private int _goneTold;
    private int _closedTold;

    public TransportConnection(SluiceHost host, StreamSocket socket)
    {
        _host = host;
        _socket = socket;
        _transport = socket.Transport;
        _input = new SourceReadChannel(new TransportSource(this, _transport), host.Selector.BufferPool);
        var output = (SinkWriteChannel)socket.OpenWriteChannel(autoFlush: true);
        Features = new TransportFeatures(this);
        ConnectionClosed = _closed.Token;
        PipeReader reader = _input.AsPipeReader();
        if (!_transport.CanWatchPeer)
        {
            var pump = new InputPump(_input, host.Pool, host.Options.MaxReadBufferSize);
            reader = pump.Reader;
            _pumping = pump.RunAsync();
        }

        _pipes = new DuplexPipe(reader, new TransportWriter(output, host.Options.MaxWriteBufferSize ?? long.MaxValue));
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

    /// <summary>Why the connection was aborted on this side; null while it was not.</summary>
    public ConnectionAbortedException? AbortReason { get; private set; }

    /// <summary>The peer has ended or is gone: the connection counts as closed once whoever reads has been told.</summary>
    public void OnPeerGone()
    {
        if (Interlocked.Exchange(ref _goneTold, 1) == 0)
        {
            _transport.Scheduler.Schedule(this);
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        AbortReason ??= abortReason;
        CloseView();
        _socket.Abort();
        OnPeerGone();
    }

    public override void Abort() => Abort(new ConnectionAbortedException("The connection was aborted by the application."));

    public override async ValueTask DisposeAsync()
    {
        await _pipes.Input.CompleteAsync().ConfigureAwait(false);
        await _pipes.Output.CompleteAsync().ConfigureAwait(false);
        _input.Cancel();
        CloseView();
        await _socket.CloseAsync().ConfigureAwait(false);
        await _pumping.ConfigureAwait(false);
        TellClosed();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    void IRunnable.Run() => TellClosed();

    void IThreadPoolWorkItem.Execute() => _transport.Scheduler.RunOnPoolThread(this);

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

    // The framework's socket does not own the descriptor; closed first, it cannot reach one that is somebody else's by then.
    private void CloseView()
    {
        lock (_input)
        {
            if (_transport.CanWatchPeer)
            {
                _view?.Dispose();
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
