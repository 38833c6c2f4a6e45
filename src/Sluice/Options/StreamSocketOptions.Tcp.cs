using Sluice.Options;

namespace Sluice;

public sealed partial class StreamSocketOptions
{
    /// <summary>
    /// Gets or sets how long a connection is idle before the first probe, with <see cref="KeepAlive"/>; in whole seconds, rounded up
    /// (<c>TCP_KEEPIDLE</c>, tcp(7)). Default: null, the system's own: on Linux 2 hours.
    /// </summary>
    public TimeSpan? KeepAliveTime
    {
        get => Number(SocketOption.KeepAliveTime) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        set => SetRare(SocketOption.KeepAliveTime, OptionUnits.Seconds(value));
    }

    /// <summary>
    /// Gets or sets the time between two probes; in whole seconds, rounded up (<c>TCP_KEEPINTVL</c>, tcp(7)). Default: null, the system's own: on Linux 75
    /// seconds.
    /// </summary>
    public TimeSpan? KeepAliveInterval
    {
        get => Number(SocketOption.KeepAliveInterval) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        set => SetRare(SocketOption.KeepAliveInterval, OptionUnits.Seconds(value));
    }

    /// <summary>
    /// Gets or sets how many unanswered probes end the connection (<c>TCP_KEEPCNT</c>, tcp(7)). Default: null, the system's own: on Linux 9.
    /// </summary>
    public int? KeepAliveCount
    {
        get => Number(SocketOption.KeepAliveCount);
        set => SetRare(SocketOption.KeepAliveCount, OptionUnits.Count(value));
    }

    /// <summary>
    /// Gets or sets how long sent data may stay unacknowledged before the connection ends; in whole milliseconds, rounded up
    /// (<c>TCP_USER_TIMEOUT</c>, tcp(7), RFC 5482; Linux). Default: null, the system's own: about a quarter of an hour.
    /// </summary>
    public TimeSpan? UserTimeout
    {
        get => Number(SocketOption.UserTimeout) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        set => SetRare(SocketOption.UserTimeout, OptionUnits.Milliseconds(value));
    }

    /// <summary>
    /// Gets or sets a value indicating whether received data is acknowledged at once (<c>TCP_QUICKACK</c>, tcp(7); Linux, which may change it later).
    /// Default: null, the system's own.
    /// </summary>
    public bool? QuickAck
    {
        get => Number(SocketOption.QuickAck) is { } on ? on != 0 : null;
        set => SetRare(SocketOption.QuickAck, value is { } on ? (on ? 1 : 0) : null);
    }

    /// <summary>
    /// Gets or sets a value indicating whether the SYN to a known server carries the client's first bytes (<c>TCP_FASTOPEN_CONNECT</c>, tcp(7), RFC 7413;
    /// Linux). On the epoll engine, a connect then completes at once, and the first read or write throws if the server is not reachable, regardless of
    /// <see cref="ConnectTimeout"/>. The SYN leaves with the first written bytes, or when a read waits, the output is completed or the socket is closed. The
    /// portable engine ignores the option. The peer may receive those bytes twice. Default: false.
    /// </summary>
    public bool FastOpen
    {
        get => Number(SocketOption.FastOpen) == 1;
        set => SetRare(SocketOption.FastOpen, value ? 1 : null);
    }

    /// <summary>
    /// Gets or sets the congestion control, by the name of the system's module, such as <c>cubic</c> or <c>bbr</c>
    /// (<c>TCP_CONGESTION</c>, tcp(7); Linux and FreeBSD). Default: null, the system's own.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty, longer than 15 characters, not ASCII, or contains a NUL.</exception>
    public string? CongestionControl
    {
        get => Name(SocketOption.CongestionControl);
        set => SetRare(SocketOption.CongestionControl, value);
    }
}
