using System.Net;

namespace Sluice;

/// <summary>What the system tells of a datagram beside its bytes, as far as the socket was asked for it when it was made.</summary>
public readonly struct DatagramInfo
{
    // One more than the value, so that what nobody told is the default.
    private readonly short _timeToLive;
    private readonly short _trafficClass;

    internal DatagramInfo(IPAddress? localAddress, int interfaceIndex, int? timeToLive, int? trafficClass)
    {
        LocalAddress = localAddress;
        InterfaceIndex = interfaceIndex;
        _timeToLive = (short)(timeToLive + 1 ?? 0);
        _trafficClass = (short)(trafficClass + 1 ?? 0);
    }

    /// <summary>
    /// The address the datagram was sent to: one of this machine, a multicast group or a broadcast address. Of an IPv4 datagram an IPv4 address, also at an
    /// IPv6 socket. Null without <see cref="UdpSocketOptions.ReceivePacketInfo"/>.
    /// </summary>
    public IPAddress? LocalAddress { get; }

    /// <summary>The number of the interface it came in at; 0 without <see cref="UdpSocketOptions.ReceivePacketInfo"/>.</summary>
    public int InterfaceIndex { get; }

    /// <summary>
    /// Its time to live on arrival, of IPv6 its hop limit: 0 to 255. Null without <see cref="UdpSocketOptions.ReceiveTimeToLive"/>.
    /// </summary>
    public int? TimeToLive => _timeToLive == 0 ? null : _timeToLive - 1;

    /// <summary>
    /// Its type-of-service byte, of IPv6 its traffic class: 0 to 255. Null without <see cref="UdpSocketOptions.ReceiveTrafficClass"/>.
    /// </summary>
    public int? TrafficClass => _trafficClass == 0 ? null : _trafficClass - 1;

    /// <summary>The lower two bits of <see cref="TrafficClass"/>; null where that is.</summary>
    public EcnCodepoint? Ecn => (EcnCodepoint?)(TrafficClass & 3);
}
