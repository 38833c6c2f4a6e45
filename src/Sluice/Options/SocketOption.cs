namespace Sluice.Options;

/// <summary>Options by our names; <see cref="OptionNumbers"/> says what each system calls them.</summary>
internal enum SocketOption
{
    ReuseAddress,
    ReusePort,
    SendBufferSize,
    ReceiveBufferSize,
    TypeOfService,
    NoDelay,
    KeepAlive,

    /// <summary>In seconds; -1 for off.</summary>
    LingerSeconds,

    /// <summary>In seconds.</summary>
    KeepAliveTime,

    /// <summary>In seconds.</summary>
    KeepAliveInterval,
    KeepAliveCount,

    /// <summary>In milliseconds.</summary>
    UserTimeout,
    QuickAck,

    /// <summary>A client's.</summary>
    FastOpen,

    /// <summary>A listener's: how many connections may wait that are not confirmed yet.</summary>
    FastOpenQueue,

    /// <summary>In seconds.</summary>
    DeferAccept,

    /// <summary>A name.</summary>
    CongestionControl,
    Mark,

    /// <summary>A name.</summary>
    Device,
    IPv6Only,
    FreeBind,

    /// <summary>In microseconds.</summary>
    BusyPoll,

    /// <summary>A structure.</summary>
    TcpInfo,
}
