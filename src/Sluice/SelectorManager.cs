using System.Buffers;
using Microsoft.Extensions.Logging;
using Sluice.Channels.Buffers;
using Sluice.Connecting.Resolving;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>
/// Represents the entry point of Sluice: it owns the event loops and every socket that is made through it. Its disposal closes them all, and ends every pending
/// call.
/// </summary>
/// <remarks>Thread-safe. One manager is enough for a process: <see cref="Shared"/>, which needs no disposal.</remarks>
public sealed partial class SelectorManager : IAsyncDisposable, IDisposable
{
    private static readonly Lazy<SelectorManager> s_shared = new(() => new SelectorManager(new SelectorOptions(), isShared: true));

    private readonly bool _isShared;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopping; // 1 once the stop has begun; exchanged with Interlocked.
    private int _closingThread; // The thread that closes the sockets; 0 for none. Volatile.

    /// <summary>Creates a manager and starts its event loops.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="PlatformNotSupportedException">The options or <c>SLUICE_ENGINE</c> require the epoll engine on a system without it.</exception>
    /// <exception cref="ArgumentException">The environment variable <c>SLUICE_ENGINE</c> has an unknown value.</exception>
    public SelectorManager(SelectorOptions? options = null)
        : this(options ?? new SelectorOptions(), isShared: false)
    {
    }

    /// <summary>Creates a manager with an engine of another assembly.</summary>
    internal SelectorManager(SelectorOptions options, Func<SelectorOptions, ILogger, SocketEngine> createEngine)
        : this(options, isShared: false, createEngine)
    {
    }

    private SelectorManager(SelectorOptions options, bool isShared, Func<SelectorOptions, ILogger, SocketEngine>? createEngine = null)
    {
        _isShared = isShared;
        Names = new NameResolution(options.NameResolver);

        // Before the engine, whose threads would run on: a factory of the user's may throw.
        var metrics = SluiceMetrics.For(options.MeterFactory);
        SocketEngine engine = (createEngine ?? EngineFactory.Create)(options, new SafeLogger(options.LoggerFactory.CreateLogger("Sluice")));
        GuardedPool? pool = options.BufferPool is { } given ? new GuardedPool(given, engine.Logger) : null;
        Context = new EngineContext(engine, metrics, pool)
        {
            KeepsDroppedSockets = options.KeepsDroppedSockets,
            CapturesOpenStackTraces = options.CaptureOpenStackTraces,
        };
        Metrics.Watch(Sockets);
    }

    /// <summary>Gets the shared manager of the process, with the default options. Its disposal does nothing.</summary>
    public static SelectorManager Shared => s_shared.Value;

    /// <summary>Gets the engine that drives the sockets; never <see cref="SelectorEngine.Auto"/>.</summary>
    public SelectorEngine Engine => Sockets.Kind;

    internal EngineContext Context { get; }

    internal SocketEngine Sockets => Context.Engine;

    internal SluiceMetrics Metrics => Context.Metrics;

    internal MemoryPool<byte>? BufferPool => Context.BufferPool;

    internal NameResolution Names { get; }

    /// <summary>Gets a builder of TCP sockets.</summary>
    /// <returns>A builder with the default options.</returns>
    public TcpSocketBuilder Tcp() => new(this);

    /// <summary>Gets a builder of UDP sockets.</summary>
    /// <returns>A builder with the default options.</returns>
    public UdpSocketBuilder Udp() => new(this);

    /// <summary>
    /// Closes every socket, and ends the loops and their threads. Pending calls end with <see cref="ObjectDisposedException"/> at once, also those whose peer is
    /// a socket of the same manager: all sockets are marked as closed before the first descriptor is closed.
    /// </summary>
    /// <remarks>
    /// Never throws: every step is taken, and the exceptions of user code (a buffer pool, a clock or a callback) are logged (<c>DisposalFailed</c>). A second
    /// call, at the same time or later, waits for the same end.
    /// </remarks>
    public ValueTask DisposeAsync() => _isShared ? ValueTask.CompletedTask : new ValueTask(BeginStop());

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        if (_isShared)
        {
            return;
        }

        Sockets.ReleaseThread();
        Task stopped = BeginStop();
        if (Volatile.Read(ref _closingThread) == Environment.CurrentManagedThreadId)
        {
            // Called by user code that the stop itself has called: a wait here would never end.
            return;
        }

#pragma warning disable RS0030 // A synchronous Dispose has to wait; the loops do not need this thread, not even if it was one of theirs.
        stopped.GetAwaiter().GetResult();
#pragma warning restore RS0030
    }

    private Task BeginStop()
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
        {
            _ = StopAsync();
        }

        return _stopped.Task;
    }

    private async Task StopAsync()
    {
        var steps = new DisposalSteps();
        Volatile.Write(ref _closingThread, Environment.CurrentManagedThreadId);
        CloseSockets(steps);
        Volatile.Write(ref _closingThread, 0);
        steps.Run(() => Metrics.Unwatch(Sockets));
        await steps.RunAsync(() => Sockets.StopAsync(steps)).ConfigureAwait(false);
        steps.LogFailure(Sockets.Logger, "selector manager", endPoint: null);
        _stopped.SetResult();
    }

    // In three rounds. A socket whose peer is another socket of this manager must not see that one's close as an end of the peer. And no waiter may be woken,
    // whose user code could use other sockets, before all sockets are marked as closed.
    private void CloseSockets(DisposalSteps steps)
    {
        IReadOnlyList<Transport> open = Sockets.Open.Close();
        foreach (Transport transport in open)
        {
            steps.Run(transport, static transport => transport.Owner?.Refuse());
        }

        steps.Run(Sockets.EndConnects);
        steps.Run(Names.End);
        foreach (Transport transport in open)
        {
            steps.Run(transport, static transport => transport.EndWaits());
        }

        foreach (Transport transport in open)
        {
            steps.Run(transport, static transport => transport.Owner?.CloseWithManager());
            steps.Run(transport, static transport => transport.Close());
        }
    }
}
