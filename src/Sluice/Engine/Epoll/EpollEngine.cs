using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Engine.Epoll.Balancing;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>The engine for Linux: event loops over epoll(7).</summary>
internal sealed partial class EpollEngine : SocketEngine
{
    private readonly EpollLoop[] _loops;
    private readonly PoolScheduler _pool;
    private readonly bool _runsInline;
    private readonly LoopBalancer? _balancer;

    // Interlocked.
    private uint _next;
    private uint _nextAccepted;
    private uint _nextDatagram;

    public EpollEngine(SelectorOptions options, ILogger logger)
        : base(logger, options.TimeProvider)
    {
        ConnectDeadlines = new Deadlines(options.TimeProvider);
        Threads = new LoopThreads(QueuedLogger);
        _loops = new EpollLoop[options.LoopCount];
        int started = 0;
        try
        {
            for (int i = 0; i < _loops.Length; i++)
            {
                _loops[i] = new EpollLoop(this, options.SpinDuration);
            }

            HandsLoopsOver = options.HandoffAfter != Timeout.InfiniteTimeSpan;
            _balancer = options.ElasticLoops && _loops.Length > 1 ? new LoopBalancer(_loops) : null;
            if (HandsLoopsOver || _balancer is not null)
            {
                Monitor = new HandoffMonitor(options.HandoffAfter, _balancer is null ? null : _balancer.Look);
            }

            _pool = new PoolScheduler(Monitor);
            _runsInline = options.ContinuationScheduling == ContinuationScheduling.Inline;
            for (; started < _loops.Length; started++)
            {
                Monitor?.Watch(_loops[started]);
                Threads.Start(_loops[started]);
            }
        }
        catch
        {
            // No descriptors or threads are left. This returns those that were taken: without an engine there is no Dispose that would.
            Threads.Close();
            Array.ForEach(_loops[..started], loop => loop.Stop());
            Array.ForEach(_loops[started..], loop => loop?.Dispose());
            Monitor?.Dispose();
            throw;
        }

        if (HandsLoopsOver && _runsInline)
        {
            Threads.EnsureSpare();
        }
    }

    public override SelectorEngine Kind => SelectorEngine.Epoll;

    public LoopThreads Threads { get; }

    public HandoffMonitor? Monitor { get; }

    /// <summary>Gets a value indicating whether a loop whose thread is blocked in user code continues on another thread.</summary>
    public bool HandsLoopsOver { get; }

    public override IEnumerable<IScheduler> Schedulers => _loops;

    public IReadOnlyList<EpollLoop> Loops => _loops;

    public override IEnumerable<LoopStatistics> Statistics => _loops.Select(loop => loop.Statistics);

    /// <summary>Gets the memory of datagram sockets.</summary>
    public DatagramBuffers Datagrams { get; } = new();

    /// <summary>Gets the deadlines of connects in progress.</summary>
    public Deadlines ConnectDeadlines { get; }

    /// <summary>Picks the loop for the next listener or connection: each in turn of those that serve connections now.</summary>
    public EpollLoop NextLoop() => Next(ref _next);

    /// <summary>
    /// Picks the loop for the next accepted connection. It has a count of its own: with a common one, clients in the same process that connect in
    /// step with the server would take every second loop.
    /// </summary>
    public EpollLoop NextLoopForAccepted() => Next(ref _nextAccepted);

    /// <summary>Picks the loop for the next datagram socket: each in turn, for these sockets never move.</summary>
    public EpollLoop NextLoopForDatagrams() => _loops[(Interlocked.Increment(ref _nextDatagram) - 1) % (uint)_loops.Length];

    /// <summary>Gets the scheduler for the continuations of a connection if they do not run on its loop; null if they do.</summary>
    public IScheduler? ContinuationsOf(StreamSocketOptions options)
    {
        bool isInline = options.ContinuationScheduling is { } scheduling ? scheduling == ContinuationScheduling.Inline : _runsInline;
        return isInline ? null : _pool;
    }

    /// <summary>Gets the scheduler for the continuations of other sockets, which <paramref name="loop"/> watches.</summary>
    public IScheduler ContinuationsOf(EpollLoop loop) => _runsInline ? loop : _pool;

    public override ListenerTransport Bind(EndPoint endPoint, TcpListenerOptions options)
    {
        SocketHandle handle = CreateSocket("Binding to", endPoint);
        try
        {
            var socketOptions = new EpollSocketOptions(handle, endPoint.AddressFamily);
            socketOptions.Apply(options);
            socketOptions.Apply(options.Accepted);
            socketOptions.ApplyStream(options.Accepted);
            Check(SocketAddresses.Bind(handle, endPoint), "Binding to", endPoint);
            Check(handle.Listen(options.Backlog), "Listening at", endPoint);
            return EpollListener.Start(this, NextLoop(), handle, endPoint.AddressFamily, options.Accepted);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override async Task<StreamTransport> ConnectAsync(EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        SocketHandle handle = CreateSocket("Connecting to", endPoint);
        EpollStream? stream = null;
        try
        {
            var socketOptions = new EpollSocketOptions(handle, endPoint.AddressFamily);
            socketOptions.Apply(options);
            socketOptions.ApplyStream(options);
            BindLocal(handle, socketOptions, endPoint, options);
            SocketError error = SocketAddresses.Connect(handle, endPoint);
            if (error is not (SocketError.Success or SocketError.InProgress))
            {
                throw SocketErrors.At(error, "Connecting to", endPoint);
            }

            // connect(2) has succeeded at once: the kernel has deferred the connect to the first write (EpollStream.FastOpen).
            bool isDeferred = error == SocketError.Success && TcpState.IsConnecting(socketOptions);
            stream = EpollStream.Start(this, LoopForConnection(), handle, endPoint, options, isDeferred);
            if (error == SocketError.InProgress)
            {
                await stream.WaitConnectedAsync(endPoint, options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
            }

            if (SelfConnection.IsPossible(endPoint, options) && SocketAddresses.LocalPort(handle) == ((IPEndPoint)endPoint).Port)
            {
                SelfConnection.ThrowIf(
                    SocketAddresses.Local(handle, endPoint.AddressFamily),
                    isDeferred ? endPoint : SocketAddresses.Remote(handle, endPoint.AddressFamily),
                    stream);
            }

            return stream;
        }
        catch (Exception exception)
        {
            stream?.Close();
            handle.Dispose();
            Open.ThrowIfCloseExplains(exception);
            throw;
        }
    }

    public override DatagramTransport OpenDatagram(AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options) =>
        EpollDatagram.Open(this, NextLoopForDatagrams(), family, local, remote, options);

    public override void ReleaseThread()
    {
        if (LoopTurn.Current is { Scheduler: EpollLoop loop } turn && ReferenceEquals(loop.Engine, this))
        {
            loop.TryTakeOver(turn, turn.State);
        }
    }

    public override async Task StopAsync(DisposalSteps steps)
    {
        foreach (EpollLoop loop in _loops)
        {
            steps.Run(loop, static loop => loop.Stop());
        }

        foreach (EpollLoop loop in _loops)
        {
            await steps.RunAsync(() => loop.Stopped).ConfigureAwait(false);
        }

        steps.Run(ConnectDeadlines.Dispose);
        steps.Run(() => _pool.Dispose());
        steps.Run(() => Monitor?.Dispose());
        steps.Run(Threads.Close);
        await base.StopAsync(steps).ConfigureAwait(false);
    }

    private EpollLoop Next(ref uint turn)
    {
        if (_balancer is { } balancer)
        {
            ReadOnlySpan<int> active = balancer.Active;
            return _loops[active.Length == 1 ? active[0] : active[(int)(Interlocked.Increment(ref turn) % (uint)active.Length)]];
        }

        return _loops.Length == 1 ? _loops[0] : _loops[Interlocked.Increment(ref turn) % (uint)_loops.Length];
    }

    private static SocketHandle CreateSocket(string doing, EndPoint endPoint)
    {
        AddressFamily family = endPoint.AddressFamily;
        var handle = SocketHandle.Create(family, LinuxConstants.SockStream, doing, endPoint);
        if (family == AddressFamily.InterNetworkV6)
        {
            new EpollSocketOptions(handle, family).EnableDualMode();
        }

        return handle;
    }

    private static void BindLocal(SocketHandle handle, EpollSocketOptions socketOptions, EndPoint remote, StreamSocketOptions options)
    {
        if (options.LocalEndPoint is { } local)
        {
            LocalBinding.ThrowIfMismatched(remote, local);
            if (local is IPEndPoint { Port: 0 })
            {
                socketOptions.BindAddressWithoutPort();
            }

            Check(SocketAddresses.Bind(handle, local), "Binding to", local);
        }
    }

    internal static void Check(SocketError error, string doing, EndPoint endPoint)
    {
        if (error != SocketError.Success)
        {
            throw SocketErrors.At(error, doing, endPoint);
        }
    }
}
