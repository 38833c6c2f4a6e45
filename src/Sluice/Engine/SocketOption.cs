namespace Sluice.Engine;

/// <summary>The options that both engines can read and set on a live socket.</summary>
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
}
