using System.Buffers;
using Sluice.Channels.Buffers;
using Sluice.Connecting.Resolving;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>
/// Drives sockets: owns the event loops and every socket made through it. Disposing it closes them all, and no pending call is left
/// hanging.
/// </summary>
/// <remarks>Thread-safe. One for a whole process is enough: <see cref="Shared"/>, which nobody has to own.</remarks>
public sealed partial class SelectorManager : IAsyncDisposable, IDisposable
{
    private static readonly Lazy<SelectorManager> s_shared = new(() => new SelectorManager(new SelectorOptions(), isShared: true));

    private readonly bool _isShared;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopping;
    private int _closingThread;

    /// <summary>Starts the event loops.</summary>
    /// <param name="options">How they work; null for the defaults.</param>
    /// <exception cref="PlatformNotSupportedException">The epoll engine was asked for where there is none.</exception>
    /// <exception cref="ArgumentException">An option, or the environment variable <c>SLUICE_ENGINE</c>, has no such value.</exception>
    public SelectorManager(SelectorOptions? options = null)
        : this(options ?? new SelectorOptions(), isShared: false)
    {
    }

    private SelectorManager(SelectorOptions options, bool isShared)
    {
        _isShared = isShared;
        Names = new NameResolution(options.NameResolver);
        SocketEngine engine = EngineFactory.Create(options, new SafeLogger(options.LoggerFactory.CreateLogger("Sluice")));
        GuardedPool? pool = options.BufferPool is { } given ? new GuardedPool(given, engine.Logger) : null;
        Context = new EngineContext(engine, SluiceMetrics.For(options.MeterFactory), pool)
        {
            KeepsDroppedSockets = options.KeepsDroppedSockets,
            CapturesOpenStackTraces = options.CaptureOpenStackTraces,
        };
        Metrics.Watch(Sockets);
    }

    /// <summary>The manager of the process, with the default options. Disposing it does nothing.</summary>
    public static SelectorManager Shared => s_shared.Value;

    /// <summary>What drives the sockets: never <see cref="SelectorEngine.Auto"/>.</summary>
    public SelectorEngine Engine => Sockets.Kind;

    internal EngineContext Context { get; }

    internal SocketEngine Sockets => Context.Engine;

    internal SluiceMetrics Metrics => Context.Metrics;

    internal MemoryPool<byte>? BufferPool => Context.BufferPool;

    internal NameResolution Names { get; }

    /// <summary>Where TCP sockets are made.</summary>
    /// <returns>A builder with the default options.</returns>
    public TcpSocketBuilder Tcp() => new(this);

    /// <summary>Where UDP sockets are made.</summary>
    /// <returns>A builder with the default options.</returns>
    public UdpSocketBuilder Udp() => new(this);

    /// <summary>
    /// Closes every socket and ends the loops and their threads. Calls that are pending on a socket end with
    /// <see cref="ObjectDisposedException"/> at once, also where the peer is a socket of the same manager: all of them are told before the
    /// first descriptor is closed.
    /// </summary>
    /// <remarks>
    /// Never throws: every step is taken, and what a buffer pool, a clock or a callback of the user's throws is logged
    /// (<c>DisposalFailed</c>). A second call, at the same time or later, waits for the same end.
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
            // Called by something that this very stop has called: to wait for it here would be to wait for ever.
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

    // In three rounds: a socket whose peer is another of these must neither take that one's end for the peer's doing, nor be woken, and so have
    // its user act on others, before these know.
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
