using System.Buffers.Binary;
using System.Net;

namespace Sluice.Cli.Recording;

/// <summary>A TCP segment or a UDP datagram of a recording.</summary>
internal sealed record ParsedPacket(IPEndPoint From, IPEndPoint To, bool IsTcp, uint Sequence, TcpFlags Flags, byte[] Payload)
{
    // The types of links of https://www.tcpdump.org/linktypes.html.
    private const int BsdLoopback = 0;
    private const int Ethernet = 1;
    private const int RawIp = 101;
    private const int OpenBsdLoopback = 108;
    private const int LinuxCooked = 113;
    private const int RawIp4 = 228;
    private const int RawIp6 = 229;
    private const int LinuxCooked2 = 276;

    // IEEE 802.1Q and 802.1ad: 4 bytes before the type of the content.
    private const int EthernetHeader = 14;
    private const int VlanTag = 4;
    private const ushort Vlan = 0x8100;
    private const ushort ProviderVlan = 0x88A8;

    /// <summary>Parses a packet; null if it is neither TCP nor UDP over IP, or only a fragment.</summary>
    /// <exception cref="InvalidDataException">The recording has only the beginning of the packet.</exception>
    public static ParsedPacket? Parse(int linkType, ReadOnlySpan<byte> packet)
    {
        int skip = linkType switch
        {
            RawIp or RawIp4 or RawIp6 => 0,
            BsdLoopback or OpenBsdLoopback => 4,
            Ethernet => HeaderOfEthernet(packet),
            LinuxCooked => 16,
            LinuxCooked2 => 20,
            _ => -1,
        };
        return skip < 0 || packet.Length < skip + 20 ? null : ParseIp(packet[skip..]);
    }

    private static int HeaderOfEthernet(ReadOnlySpan<byte> packet)
    {
        int header = EthernetHeader;
        while (packet.Length >= header && BinaryPrimitives.ReadUInt16BigEndian(packet[(header - 2)..]) is Vlan or ProviderVlan)
        {
            header += VlanTag;
        }

        return header;
    }

    // A part of what a client sent must not pass for all of it.
    private static ReadOnlySpan<byte> Whole(byte protocol, ReadOnlySpan<byte> ip, int header, int end)
    {
        if (end <= ip.Length)
        {
            return ip[header..end];
        }

        return protocol is IpPacket.Tcp or IpPacket.Udp
            ? throw new InvalidDataException("The recording has only the beginnings of packets; record them whole, as tcpdump -s 0 does.")
            : [];
    }

    private static ParsedPacket? ParseIp(ReadOnlySpan<byte> ip)
    {
        switch (ip[0] >> 4)
        {
            case 4:
                int header = (ip[0] & 0xF) * 4;
                int length = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
                bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3FFF) != 0;
                return isFragment || length < header
                    ? null
                    : ParseContent(ip[9], new IPAddress(ip.Slice(12, 4)), new IPAddress(ip.Slice(16, 4)), Whole(ip[9], ip, header, length));
            case 6 when ip.Length >= 40:
                int end = 40 + BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
                return ParseContent(ip[6], new IPAddress(ip.Slice(8, 16)), new IPAddress(ip.Slice(24, 16)), Whole(ip[6], ip, 40, end));
            default:
                return null;
        }
    }

    private static ParsedPacket? ParseContent(byte protocol, IPAddress source, IPAddress destination, ReadOnlySpan<byte> content)
    {
        if (content.Length < (protocol == IpPacket.Tcp ? 20 : 8) || protocol is not (IpPacket.Tcp or IpPacket.Udp))
        {
            return null;
        }

        var from = new IPEndPoint(source, BinaryPrimitives.ReadUInt16BigEndian(content));
        var to = new IPEndPoint(destination, BinaryPrimitives.ReadUInt16BigEndian(content[2..]));
        if (protocol == IpPacket.Udp)
        {
            return new ParsedPacket(from, to, IsTcp: false, 0, default, content[8..].ToArray());
        }

        int header = content[12] >> 4 << 2;
        return header < 20 || header > content.Length
            ? null
            : new ParsedPacket(from, to, IsTcp: true, BinaryPrimitives.ReadUInt32BigEndian(content[4..]), (TcpFlags)content[13], content[header..].ToArray());
    }
}
