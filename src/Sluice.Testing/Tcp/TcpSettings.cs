namespace Sluice.Testing.Tcp;

/// <summary>The options of a TCP socket, with the defaults of Linux.</summary>
internal sealed class TcpSettings
{
    /// <summary>The smallest buffers (socket(7), SO_SNDBUF and SO_RCVBUF).</summary>
    public const int LeastSendBuffer = 2304;
    public const int LeastReceiveBuffer = 1152;

    /// <summary>The default of Linux for datagrams (net.core.rmem_default).</summary>
    public const int DatagramReceiveBuffer = 212_992;

    public TcpSettings()
    {
    }

    public TcpSettings(TcpSettings other)
    {
        SendBufferSize = other.SendBufferSize;
        ReceiveBufferSize = other.ReceiveBufferSize;
        LingerSeconds = other.LingerSeconds;
        KeepAlive = other.KeepAlive;
        KeepAliveTime = other.KeepAliveTime;
        KeepAliveInterval = other.KeepAliveInterval;
        KeepAliveCount = other.KeepAliveCount;
        UserTimeout = other.UserTimeout;
        ReuseAddress = other.ReuseAddress;
        ReusePort = other.ReusePort;
        IPv6Only = other.IPv6Only;
    }

    public int SendBufferSize { get; set; } = 128 * 1024;

    public int ReceiveBufferSize { get; set; } = 128 * 1024;

    /// <summary>Gets or sets the time of SO_LINGER; negative for off.</summary>
    public int LingerSeconds { get; set; } = -1;

    public bool KeepAlive { get; set; }

    public TimeSpan KeepAliveTime { get; set; } = TimeSpan.FromHours(2);

    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(75);

    public int KeepAliveCount { get; set; } = 9;

    /// <summary>Gets or sets how long sent bytes may stay without an acknowledgement (TCP_USER_TIMEOUT); zero for the system's own limit.</summary>
    public TimeSpan UserTimeout { get; set; }

    public bool ReuseAddress { get; set; }

    public bool ReusePort { get; set; }

    public bool IPv6Only { get; set; }
}
