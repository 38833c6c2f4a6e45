namespace Sluice.Engine.Datagrams;

/// <summary>Options of datagram sockets; both engines set them by the system's own numbers.</summary>
internal enum DatagramOption
{
    Broadcast,
    TimeToLive,
    MulticastTimeToLive,
    MulticastLoopback,
    MulticastInterface,
    DontFragment,
}
