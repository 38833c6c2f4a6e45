namespace Sluice;

/// <summary>How <see cref="ServerSocket.ServeAsync"/> serves.</summary>
public sealed partial class ServeOptions
{
    /// <summary>The default of <see cref="Grace"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many connections are served at once. While there are so many, no more are accepted: up to
    /// <see cref="TcpListenerOptions.Backlog"/> of them wait in
    /// the kernel. Default: <see cref="int.MaxValue"/>, as many as there are descriptors. Setting it while a server serves changes that server:
    /// no connection is closed, and none is accepted until there are fewer.
    /// </summary>
    public int MaxConnections
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
            MaxConnectionsChanged?.Invoke(value);
        }
    } = int.MaxValue;

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
