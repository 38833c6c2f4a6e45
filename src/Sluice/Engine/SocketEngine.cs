using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>What makes sockets: epoll, or the portable one.</summary>
internal abstract partial class SocketEngine(ILogger logger, TimeProvider timeProvider) : IMeteredEngine
{
    private static readonly TimeSpan s_logPatience = TimeSpan.FromSeconds(2);

    private int _warned;

    public abstract SelectorEngine Kind { get; }

    /// <summary>The log, where code of the user's may run.</summary>
    public ILogger Logger { get; } = logger;

    /// <summary>The log, everywhere else: the thread pool writes what it gets.</summary>
    public QueuedLogger QueuedLogger { get; } = new(logger);

    public TimeProvider TimeProvider { get; } = timeProvider;

    public InactivitySweep Sweep { get; } = new(timeProvider);

    public OpenTransports Open { get; } = new();

    /// <summary>Warns, once, of a limit of connections that the process has not the descriptors for.</summary>
    public void WarnIfTooMany(int maxConnections)
    {
        if (DescriptorLimit.Limit is { } limit && maxConnections > DescriptorLimit.MaxConnections && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            Logger.MaxConnectionsTooHigh(maxConnections, limit, DescriptorLimit.MaxConnections);
        }
    }

    public virtual IEnumerable<LoopStatistics> Statistics => [];

    public (long In, long Out) CountBytes() => Open.CountBytes();

    /// <summary>What runs continuations: each loop.</summary>
    public abstract IEnumerable<IScheduler> Schedulers { get; }

    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    public abstract ListenerTransport Bind(EndPoint endPoint, TcpListenerOptions options);

    /// <exception cref="System.Net.Sockets.SocketException">The connection could not be made.</exception>
    public abstract Task<StreamTransport> ConnectAsync(EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken);

    /// <summary>Makes a datagram socket, bound if <paramref name="local"/> says where, connected if <paramref name="remote"/> says to whom.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported here.</exception>
    public abstract DatagramTransport OpenDatagram(
        System.Net.Sockets.AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options);

    /// <summary>Makes sure that no loop needs this thread, which is about to wait for them to end.</summary>
    public virtual void ReleaseThread()
    {
    }

    /// <summary>Ends the connects that are under way and are no transports yet. Closes no descriptor of a transport.</summary>
    public virtual void EndConnects()
    {
    }

    /// <summary>Ends loops and threads, in steps of which each is taken. Every transport is closed by now.</summary>
    public virtual async Task StopAsync(DisposalSteps steps)
    {
        steps.Run(Sweep.Dispose);

        // Whoever disposes of the manager may dispose of the log next. One that is stuck must not keep the manager.
        await QueuedLogger.WhenWrittenAsync().WaitAsync(s_logPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
