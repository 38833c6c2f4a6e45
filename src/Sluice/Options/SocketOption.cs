namespace Sluice.Options;

/// <summary>Specifies an option; <see cref="OptionNumbers"/> translates it for each system.</summary>
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

    /// <summary>For clients.</summary>
    FastOpen,

    /// <summary>For listeners: the number of queued connections that are not confirmed yet.</summary>
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
