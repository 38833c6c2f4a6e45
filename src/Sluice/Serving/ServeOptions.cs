using Sluice.Engine;
using Sluice.Options;

namespace Sluice;

/// <summary>Represents the limits and callbacks of <see cref="ServerSocket.ServeAsync"/>.</summary>
public sealed partial class ServeOptions
{
    /// <summary>The default of <see cref="Grace"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets the default of <see cref="MaxConnections"/>: the process's limit of descriptors (<c>RLIMIT_NOFILE</c>, <c>ulimit -n</c>) less a reserve of an eighth
    /// of it, 64 to 1,024; <see cref="int.MaxValue"/> where there is no such limit, as on Windows. <see cref="SelectorManager.Describe"/> shows the limit and
    /// the reserve.
    /// </summary>
    public static int DefaultMaxConnections => DescriptorLimit.MaxConnections;

    /// <summary>
    /// Gets or sets the number of connections that are served at the same time. When it is reached, no more are accepted, and up to
    /// <see cref="TcpListenerOptions.Backlog"/> of them wait in the kernel. Default: <see cref="DefaultMaxConnections"/>; a higher number is logged once as a
    /// warning. May be set while a server serves: no connection is closed, and none is accepted until there are fewer.
    /// </summary>
    /// <remarks>
    /// Regardless of this limit, a listener accepts nothing while only the reserve of descriptors is left in the process. A process without descriptors cannot
    /// load code or start threads, and .NET terminates it.
    /// </remarks>
    public int MaxConnections
    {
        get;
        set
        {
            field = OptionBounds.Positive(value);
            MaxConnectionsChanged?.Invoke(value);
        }
    } = DefaultMaxConnections;

    internal event Action<int>? MaxConnectionsChanged;

    /// <summary>
    /// Gets or sets the callback that receives the exceptions of handlers, in addition to the log. <see cref="Connection.IsPeerFault"/> distinguishes faults of
    /// the peer, which are logged as <c>Debug</c>, from mistakes of the handler. It is not called for the end of the server: an
    /// <see cref="OperationCanceledException"/> while the server stops, and the failures that the abort at the end of the grace causes. It is called on the
    /// connection's event loop, and must not block. Default: null.
    /// </summary>
    public Action<Connection, Exception>? OnError { get; set; }

    /// <summary>
    /// Gets or sets the options of the outboxes of served connections; see <see cref="Connection.Outbox"/>. Default: null, for the defaults. An outbox is
    /// made by its first use, whether or not there are options.
    /// </summary>
    public OutboxOptions? Outbox { get; set; }

    /// <summary>
    /// Gets or sets the time that handlers have after the token of <see cref="ServerSocket.ServeAsync"/> is cancelled, before their connections are aborted.
    /// Default: <see cref="DefaultGrace"/>.
    /// </summary>
    public TimeSpan Grace
    {
        get;
        set => field = Durations.ThrowIfNegative(value);
    } = DefaultGrace;
}
