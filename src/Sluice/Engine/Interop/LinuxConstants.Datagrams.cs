namespace Sluice.Engine.Interop;

// Constants of datagram sockets: sys/socket.h, netinet/in.h, linux/in6.h, linux/udp.h, linux/sock_diag.h.
internal static partial class LinuxConstants
{
    public const int SockDgram = 2;

    public const int SoMemInfo = 55;

    /// <summary>SK_MEMINFO_DROPS, an index into the 32-bit numbers of SO_MEMINFO.</summary>
    public const int MemInfoDrops = 8;

    public const int MsgTruncated = 0x20;

    public const int IpTos = 1;
    public const int IpTtl = 2;
    public const int IpPacketInfo = 8;
    public const int IpReceiveTtl = 12;
    public const int IpReceiveTos = 13;

    public const int IPv6ReceivePacketInfo = 49;
    public const int IPv6PacketInfo = 50;
    public const int IPv6ReceiveHopLimit = 51;
    public const int IPv6HopLimit = 52;
    public const int IPv6ReceiveTClass = 66;
    public const int IPv6TClass = 67;

    public const int SolUdp = 17;
    public const int UdpSegment = 103;
    public const int UdpGro = 104;

    public const int EpollCtlMod = 3;
}
