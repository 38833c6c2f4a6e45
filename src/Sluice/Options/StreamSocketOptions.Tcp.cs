using Sluice.Options;

namespace Sluice;

public sealed partial class StreamSocketOptions
{
    /// <summary>
    /// How long a connection is idle before the first probe, with <see cref="KeepAlive"/>; in whole seconds, rounded up
    /// (<c>TCP_KEEPIDLE</c>, tcp(7)). Default: null, the system's own: on Linux 2 hours.
    /// </summary>
    public TimeSpan? KeepAliveTime
    {
        get => Number(SocketOption.KeepAliveTime) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        set => SetRare(SocketOption.KeepAliveTime, OptionUnits.Seconds(value));
    }

    /// <summary>
    /// How long between two probes; in whole seconds, rounded up (<c>TCP_KEEPINTVL</c>, tcp(7)). Default: null, the system's own: on Linux 75
    /// seconds.
    /// </summary>
    public TimeSpan? KeepAliveInterval
    {
        get => Number(SocketOption.KeepAliveInterval) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        set => SetRare(SocketOption.KeepAliveInterval, OptionUnits.Seconds(value));
    }

    /// <summary>
    /// How many probes go unanswered before the connection is given up (<c>TCP_KEEPCNT</c>, tcp(7)). Default: null, the system's own: on Linux
    /// 9.
    /// </summary>
    public int? KeepAliveCount
    {
        get => Number(SocketOption.KeepAliveCount);
        set => SetRare(SocketOption.KeepAliveCount, OptionUnits.Count(value));
    }

    /// <summary>
    /// How long what was sent may go unacknowledged before the connection is given up; in whole milliseconds, rounded up
    /// (<c>TCP_USER_TIMEOUT</c>, tcp(7), RFC 5482; Linux). Default: null, the system's own: about a quarter of an hour.
    /// </summary>
    public TimeSpan? UserTimeout
    {
        get => Number(SocketOption.UserTimeout) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        set => SetRare(SocketOption.UserTimeout, OptionUnits.Milliseconds(value));
    }

    /// <summary>
    /// Whether what is received is acknowledged at once (<c>TCP_QUICKACK</c>, tcp(7); Linux, which goes back to its own mind after a while).
    /// Default: null, the system's own.
    /// </summary>
    public bool? QuickAck
    {
        get => Number(SocketOption.QuickAck) is { } on ? on != 0 : null;
        set => SetRare(SocketOption.QuickAck, value is { } on ? (on ? 1 : 0) : null);
    }

    /// <summary>
    /// Whether a client's first bytes go with the first packet, to a server that it has met before
    /// (<c>TCP_FASTOPEN_CONNECT</c>, tcp(7), RFC 7413; Linux). On the epoll engine connecting then is done at once, and a server that is not
    /// there is told of by the first read or write; <see cref="ConnectTimeout"/> does not count for that. The first packet leaves with the
    /// first bytes that are written, when a read waits before, or when the output is completed or the socket closed. The portable engine
    /// connects as without it. The peer may get those bytes twice. Default: false.
    /// </summary>
    public bool FastOpen
    {
        get => Number(SocketOption.FastOpen) == 1;
        set => SetRare(SocketOption.FastOpen, value ? 1 : null);
    }

    /// <summary>
    /// How the connection adapts to congestion, by the name of the system's module, such as <c>cubic</c> or <c>bbr</c>
    /// (<c>TCP_CONGESTION</c>, tcp(7); Linux and FreeBSD). Default: null, the system's own.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty or longer than 15 characters.</exception>
    public string? CongestionControl
    {
        get => Name(SocketOption.CongestionControl);
        set => SetRare(SocketOption.CongestionControl, value);
    }
}
