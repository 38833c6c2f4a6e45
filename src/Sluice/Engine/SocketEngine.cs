using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>Makes sockets and runs their continuations: the epoll engine, or the portable engine.</summary>
internal abstract partial class SocketEngine(ILogger logger, TimeProvider timeProvider) : IMeteredEngine
{
    private static readonly TimeSpan s_logTimeout = TimeSpan.FromSeconds(2);

    // Interlocked.
    private int _warned;

    public abstract SelectorEngine Kind { get; }

    /// <summary>Gets the log, for code that may run user code.</summary>
    public ILogger Logger { get; } = logger;

    /// <summary>Gets the log for all other code: the thread pool writes its entries.</summary>
    public QueuedLogger QueuedLogger { get; } = new(logger);

    public TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Gets the clock of pauses between two looks at what the kernel does by itself, which no clock of a user moves.</summary>
    public virtual TimeProvider KernelTime => TimeProvider.System;

    public InactivitySweep Sweep { get; } = new(timeProvider);

    public OpenTransports Open { get; } = new();

    /// <summary>Warns, once, of a limit of connections that exceeds the descriptors of the process.</summary>
    public void WarnIfTooMany(int maxConnections)
    {
        if (DescriptorLimit.Limit is { } limit && maxConnections > DescriptorLimit.MaxConnections && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            Logger.MaxConnectionsTooHigh(maxConnections, limit, DescriptorLimit.MaxConnections);
        }
    }

    public virtual IEnumerable<LoopStatistics> Statistics => [];

    public (long In, long Out) CountBytes() => Open.CountBytes();

    /// <summary>Gets the schedulers of continuations: each loop, or that of the thread pool.</summary>
    public abstract IEnumerable<IScheduler> Schedulers { get; }

    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    public abstract ListenerTransport Bind(EndPoint endPoint, TcpListenerOptions options);

    /// <exception cref="System.Net.Sockets.SocketException">The connection could not be made.</exception>
    public abstract Task<StreamTransport> ConnectAsync(EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken);

    /// <summary>Makes a datagram socket, bound to <paramref name="local"/> and connected to <paramref name="remote"/> where they are given.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system or the engine does not support an option.</exception>
    public abstract DatagramTransport OpenDatagram(
        System.Net.Sockets.AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options);

    /// <summary>Takes over the loop that this thread runs, if it does, because the thread is about to wait for the end of the loops.</summary>
    public virtual void ReleaseThread()
    {
    }

    /// <summary>Ends the connects in progress that have no transport yet. Closes no descriptor of a transport.</summary>
    public virtual void EndConnects()
    {
    }

    /// <summary>Ends loops and threads. A step that fails does not keep the others from running. Each transport is closed by then.</summary>
    public virtual async Task StopAsync(DisposalSteps steps)
    {
        steps.Run(Sweep.Dispose);

        // The user may dispose of the log right after the manager, so the queued entries have to be written. A log that hangs must not keep the manager.
        await QueuedLogger.WhenWrittenAsync().WaitAsync(s_logTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
