using System.Buffers;
using Sluice.Diagnostics;
using Sluice.Engine;

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
    private readonly Lazy<Task> _stop;

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
        BufferPool = options.BufferPool;
        NameResolver = options.NameResolver;
        Sockets = EngineFactory.Create(options, new SafeLogger(options.LoggerFactory.CreateLogger("Sluice")));
        Metrics = SluiceMetrics.For(options.MeterFactory);
        Metrics.Watch(Sockets);
        _stop = new Lazy<Task>(StopAsync);
    }

    /// <summary>The manager of the process, with the default options. Disposing it does nothing.</summary>
    public static SelectorManager Shared => s_shared.Value;

    /// <summary>What drives the sockets: never <see cref="SelectorEngine.Auto"/>.</summary>
    public SelectorEngine Engine => Sockets.Kind;

    internal SocketEngine Sockets { get; }

    internal SluiceMetrics Metrics { get; }

    internal MemoryPool<byte>? BufferPool { get; }

    internal INameResolver? NameResolver { get; }

    /// <summary>Where TCP sockets are made.</summary>
    /// <returns>A builder with the default options.</returns>
    public TcpSocketBuilder Tcp() => new(this);

    /// <summary>Where UDP sockets are made.</summary>
    /// <returns>A builder with the default options.</returns>
    public UdpSocketBuilder Udp() => new(this);

    /// <summary>
    /// Closes every socket and ends the loops and their threads. Calls that are pending on a socket end with an error at once.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isShared)
        {
            await _stop.Value.ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        if (!_isShared)
        {
            Sockets.ReleaseThread();
#pragma warning disable RS0030 // A synchronous Dispose has to wait; the loops do not need this thread, not even if it was one of theirs.
            _stop.Value.GetAwaiter().GetResult();
#pragma warning restore RS0030
        }
    }

    private async Task StopAsync()
    {
        foreach (Transport transport in Sockets.Open.Close())
        {
            if (transport.Owner is { } owner)
            {
                owner.Abandon();
            }
            else
            {
                transport.Close();
            }
        }

        Metrics.Unwatch(Sockets);
        await Sockets.StopAsync().ConfigureAwait(false);
    }
}
