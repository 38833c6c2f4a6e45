using Sluice.Engine;
using Sluice.Options;

namespace Sluice;

/// <summary>How <see cref="ServerSocket.ServeAsync"/> serves.</summary>
public sealed partial class ServeOptions
{
    /// <summary>The default of <see cref="Grace"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The default of <see cref="MaxConnections"/>: what the limit of descriptors of the process (<c>RLIMIT_NOFILE</c>, <c>ulimit -n</c>) leaves beside a reserve of
    /// an eighth of it, 64 to 1,024; <see cref="int.MaxValue"/> where there is no such limit, as on Windows.
    /// <see cref="SelectorManager.Describe"/> tells limit and reserve.
    /// </summary>
    public static int DefaultMaxConnections => DescriptorLimit.MaxConnections;

    /// <summary>
    /// How many connections are served at once. While there are so many, no more are accepted: up to
    /// <see cref="TcpListenerOptions.Backlog"/> of them wait in
    /// the kernel. Default: <see cref="DefaultMaxConnections"/>. A number beyond that is warned of once in the log. Setting it while a server serves
    /// changes that server: no connection is closed, and none is accepted until there are fewer.
    /// </summary>
    /// <remarks>
    /// Whatever this says, and whoever has opened them: a listener accepts nothing while the process has no descriptors left but the reserve. A process
    /// without any cannot load code or start threads, and .NET ends it.
    /// </remarks>
    public int MaxConnections
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
            MaxConnectionsChanged?.Invoke(value);
        }
    } = DefaultMaxConnections;

    internal event Action<int>? MaxConnectionsChanged;

    /// <summary>
    /// Told what a handler throws, beside the logger: the connection, and the exception. <see cref="Connection.IsPeerFault"/> tells what the peer
    /// has done, which is logged as <c>Debug</c>, from what the handler did wrong. Not told of the end of the server: an
    /// <see cref="OperationCanceledException"/> while it stops, and what an abort at the end of the grace makes of pending calls. Called on the
    /// connection's event loop, so it must not block. Default: null.
    /// </summary>
    public Action<Connection, Exception>? OnError { get; set; }

    /// <summary>
    /// How long handlers may go on after the token given to <see cref="ServerSocket.ServeAsync"/> is cancelled, before their connections
    /// are aborted. Default: <see cref="DefaultGrace"/>.
    /// </summary>
    public TimeSpan Grace
    {
        get;
        set => field = Durations.ThrowIfNegative(value);
    } = DefaultGrace;
}
