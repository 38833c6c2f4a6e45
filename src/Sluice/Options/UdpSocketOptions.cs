using Sluice.Options;

namespace Sluice;

/// <summary>Options of a UDP socket, set before it is bound or connected.</summary>
public sealed class UdpSocketOptions : DatagramSocketOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public UdpSocketOptions()
    {
    }

    internal UdpSocketOptions(UdpSocketOptions other)
        : base(other)
    {
        Broadcast = other.Broadcast;
        TimeToLive = other.TimeToLive;
        MulticastTimeToLive = other.MulticastTimeToLive;
        MulticastLoopback = other.MulticastLoopback;
        MulticastInterface = other.MulticastInterface;
        DontFragment = other.DontFragment;
        ReceivePacketInfo = other.ReceivePacketInfo;
        ReceiveTimeToLive = other.ReceiveTimeToLive;
        ReceiveTrafficClass = other.ReceiveTrafficClass;
    }

    /// <summary>
    /// Whether datagrams may be sent to a broadcast address (<c>SO_BROADCAST</c>, socket(7)). Default: false; then the system refuses with
    /// <see cref="System.Net.Sockets.SocketError.AccessDenied"/>.
    /// </summary>
    public bool Broadcast { get; set; }

    /// <summary>
    /// The time to live of datagrams sent to one host, 1 to 255 (<c>IP_TTL</c>, ip(7); <c>IPV6_UNICAST_HOPS</c>, RFC 3493, 5.1). Default: null,
    /// the system's own.
    /// </summary>
    public int? TimeToLive
    {
        get;
        set => field = OptionBounds.InRange(value, 1, byte.MaxValue);
    }

    /// <summary>
    /// The time to live of datagrams sent to a group, 0 to 255 (<c>IP_MULTICAST_TTL</c>, ip(7); <c>IPV6_MULTICAST_HOPS</c>, RFC 3493, 5.2): 0
    /// does not leave the machine, 1 not the network. Default: null, the system's own, which is 1.
    /// </summary>
    public int? MulticastTimeToLive
    {
        get;
        set => field = OptionBounds.InRange(value, 0, byte.MaxValue);
    }

    /// <summary>
    /// Whether members of a group on this machine get what is sent to it from here (<c>IP_MULTICAST_LOOP</c>, ip(7);
    /// <c>IPV6_MULTICAST_LOOP</c>). On Windows the receiver's option counts, elsewhere the sender's. Default: null, the system's own, which is
    /// true.
    /// </summary>
    public bool? MulticastLoopback { get; set; }

    /// <summary>
    /// The number of the interface that datagrams to a group leave by (<c>IP_MULTICAST_IF</c>, ip(7); <c>IPV6_MULTICAST_IF</c>), as
    /// <see cref="System.Net.NetworkInformation.NetworkInterface"/> tells it. Default: null, the system's choice.
    /// </summary>
    public int? MulticastInterface
    {
        get;
        set => field = OptionBounds.InRange(value, 0, int.MaxValue);
    }

    /// <summary>
    /// Whether datagrams leave in one packet each or not at all: one that is too long for the way is then refused with
    /// <see cref="System.Net.Sockets.SocketError.MessageSize"/> (<c>IP_MTU_DISCOVER</c>, ip(7); <c>IP_DONTFRAGMENT</c>). False: long ones are cut.
    /// Default: null, the system's own, which cuts long ones too, of which Linux first learns how long they may be.
    /// </summary>
    public bool? DontFragment { get; set; }

    /// <summary>
    /// Whether <see cref="DatagramInfo.LocalAddress"/> and <see cref="DatagramInfo.InterfaceIndex"/> are told (<c>IP_PKTINFO</c>, ip(7);
    /// <c>IPV6_RECVPKTINFO</c>, RFC 3542). Default: false.
    /// </summary>
    public bool ReceivePacketInfo { get; set; }

    /// <summary>
    /// Whether <see cref="DatagramInfo.TimeToLive"/> is told (<c>IP_RECVTTL</c>, ip(7); <c>IPV6_RECVHOPLIMIT</c>). Default: false. Where the
    /// engine cannot, making the socket throws <see cref="PlatformNotSupportedException"/>: it needs Linux.
    /// </summary>
    public bool ReceiveTimeToLive { get; set; }

    /// <summary>
    /// Whether <see cref="DatagramInfo.TrafficClass"/>, and with it <see cref="DatagramInfo.Ecn"/>, is told (<c>IP_RECVTOS</c>, ip(7);
    /// <c>IPV6_RECVTCLASS</c>). Default: false. Where the engine cannot, making the socket throws <see cref="PlatformNotSupportedException"/>:
    /// it needs Linux.
    /// </summary>
    public bool ReceiveTrafficClass { get; set; }
}
