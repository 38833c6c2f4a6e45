using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a UDP socket, set before it is bound or connected.</summary>
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
    /// Gets or sets a value indicating whether datagrams may be sent to a broadcast address (<c>SO_BROADCAST</c>, socket(7)). Default: false, the system refuses with
    /// <see cref="System.Net.Sockets.SocketError.AccessDenied"/>.
    /// </summary>
    public bool Broadcast { get; set; }

    /// <summary>
    /// Gets or sets the time to live of unicast datagrams, 1 to 255 (<c>IP_TTL</c>, ip(7); <c>IPV6_UNICAST_HOPS</c>, RFC 3493, 5.1). Default: null,
    /// the system's own.
    /// </summary>
    public int? TimeToLive
    {
        get;
        set => field = OptionBounds.InRange(value, 1, byte.MaxValue);
    }

    /// <summary>
    /// Gets or sets the time to live of multicast datagrams, 0 to 255 (<c>IP_MULTICAST_TTL</c>, ip(7); <c>IPV6_MULTICAST_HOPS</c>, RFC 3493, 5.2): 0 stays on
    /// the machine, 1 in the network. Default: null, the system's own, which is 1.
    /// </summary>
    public int? MulticastTimeToLive
    {
        get;
        set => field = OptionBounds.InRange(value, 0, byte.MaxValue);
    }

    /// <summary>
    /// Gets or sets a value indicating whether members of a group on this machine receive this socket's datagrams to the group (<c>IP_MULTICAST_LOOP</c>,
    /// ip(7); <c>IPV6_MULTICAST_LOOP</c>). On Windows the receiver's option counts, elsewhere the sender's. Default: null, the system's own, which is true.
    /// </summary>
    public bool? MulticastLoopback { get; set; }

    /// <summary>
    /// Gets or sets the index of the interface that sends multicast datagrams (<c>IP_MULTICAST_IF</c>, ip(7); <c>IPV6_MULTICAST_IF</c>), as
    /// <see cref="System.Net.NetworkInformation.NetworkInterface"/> has it. Default: null, the system's choice.
    /// </summary>
    public int? MulticastInterface
    {
        get;
        set => field = OptionBounds.InRange(value, 0, int.MaxValue);
    }

    /// <summary>
    /// Gets or sets a value indicating whether datagrams are never fragmented: one that is longer than the path MTU is then refused with
    /// <see cref="System.Net.Sockets.SocketError.MessageSize"/> (<c>IP_MTU_DISCOVER</c>, ip(7); <c>IP_DONTFRAGMENT</c>). False: long datagrams are fragmented.
    /// Default: null, the system's own: long datagrams are fragmented, on Linux after a discovery of the path MTU.
    /// </summary>
    public bool? DontFragment { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether <see cref="DatagramInfo.LocalAddress"/> and <see cref="DatagramInfo.InterfaceIndex"/> are received (<c>IP_PKTINFO</c>, ip(7);
    /// <c>IPV6_RECVPKTINFO</c>, RFC 3542). Default: false.
    /// </summary>
    public bool ReceivePacketInfo { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether <see cref="DatagramInfo.TimeToLive"/> is received (<c>IP_RECVTTL</c>, ip(7); <c>IPV6_RECVHOPLIMIT</c>).
    /// Default: false. It needs Linux; elsewhere, the creation of the socket throws <see cref="PlatformNotSupportedException"/>.
    /// </summary>
    public bool ReceiveTimeToLive { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether <see cref="DatagramInfo.TrafficClass"/> and <see cref="DatagramInfo.Ecn"/> are received (<c>IP_RECVTOS</c>,
    /// ip(7); <c>IPV6_RECVTCLASS</c>). Default: false. It needs Linux; elsewhere, the creation of the socket throws <see cref="PlatformNotSupportedException"/>.
    /// </summary>
    public bool ReceiveTrafficClass { get; set; }
}
