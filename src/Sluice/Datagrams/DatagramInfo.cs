using System.Net;

namespace Sluice;

/// <summary>Information about a received datagram beside its payload. The options of the socket say which parts it receives.</summary>
public readonly struct DatagramInfo
{
    // One more than the value; 0 for none.
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
    /// Gets the address that the datagram was sent to: one of this machine, a multicast group or a broadcast address. An IPv4 datagram has an IPv4 address
    /// on an IPv6 socket as well. Null without <see cref="UdpSocketOptions.ReceivePacketInfo"/>.
    /// </summary>
    public IPAddress? LocalAddress { get; }

    /// <summary>Gets the index of the interface that received the datagram; 0 without <see cref="UdpSocketOptions.ReceivePacketInfo"/>.</summary>
    public int InterfaceIndex { get; }

    /// <summary>
    /// Gets the time to live at arrival, or the hop limit of IPv6: 0 to 255. Null without <see cref="UdpSocketOptions.ReceiveTimeToLive"/>.
    /// </summary>
    public int? TimeToLive => _timeToLive == 0 ? null : _timeToLive - 1;

    /// <summary>
    /// Gets the type-of-service byte, or the traffic class of IPv6: 0 to 255. Null without <see cref="UdpSocketOptions.ReceiveTrafficClass"/>.
    /// </summary>
    public int? TrafficClass => _trafficClass == 0 ? null : _trafficClass - 1;

    /// <summary>Gets the lower two bits of <see cref="TrafficClass"/>; null if that is null.</summary>
    public EcnCodepoint? Ecn => (EcnCodepoint?)(TrafficClass & 3);
}
