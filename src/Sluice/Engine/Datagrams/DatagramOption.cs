namespace Sluice.Engine.Datagrams;

/// <summary>The options of datagram sockets that <see cref="DatagramOptions"/> sets.</summary>
internal enum DatagramOption
{
    Broadcast,
    TimeToLive,
    MulticastTimeToLive,
    MulticastLoopback,
    MulticastInterface,
    DontFragment,
}
