using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Recording;

/// <summary>Builds IP packets with TCP segments or UDP datagrams.</summary>
internal static class IpPacket
{
    public const byte Tcp = 6;
    public const byte Udp = 17;

    private const int TcpHeader = 20;
    private const int UdpHeader = 8;
    private const int Header4 = 20;
    private const int Header6 = 40;
    private const byte TimeToLive = 64;

    /// <summary>Builds a TCP segment.</summary>
    public static byte[] OfTcp(IPEndPoint from, IPEndPoint to, uint sequence, uint acknowledged, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        byte[] segment = new byte[TcpHeader + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledged);
        segment[12] = TcpHeader / 4 << 4;
        segment[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), ushort.MaxValue);
        payload.CopyTo(segment.AsSpan(TcpHeader));
        return InPacket(from, to, Tcp, segment, checksumAt: 16);
    }

    /// <summary>Builds a UDP datagram.</summary>
    public static byte[] OfUdp(IPEndPoint from, IPEndPoint to, ReadOnlySpan<byte> payload)
    {
        byte[] datagram = new byte[UdpHeader + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)to.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram.AsSpan(UdpHeader));
        return InPacket(from, to, Udp, datagram, checksumAt: 6);
    }

    private static byte[] InPacket(IPEndPoint from, IPEndPoint to, byte protocol, byte[] content, int checksumAt)
    {
        byte[] source = from.Address.GetAddressBytes();
        byte[] destination = to.Address.GetAddressBytes();
        byte[] pseudo = [.. source, .. destination, 0, protocol, (byte)(content.Length >> 8), (byte)content.Length];
        BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(checksumAt), Fold(Sum(pseudo) + Sum(content)));
        return from.AddressFamily == AddressFamily.InterNetwork
            ? [.. HeaderOf4(source, destination, protocol, content.Length), .. content]
            : [.. HeaderOf6(source, destination, protocol, content.Length), .. content];
    }

    private static byte[] HeaderOf4(byte[] source, byte[] destination, byte protocol, int length)
    {
        byte[] header = new byte[Header4];
        header[0] = (4 << 4) | (Header4 / 4);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(Header4 + length));
        header[8] = TimeToLive;
        header[9] = protocol;
        source.CopyTo(header, 12);
        destination.CopyTo(header, 16);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Fold(Sum(header)));
        return header;
    }

    private static byte[] HeaderOf6(byte[] source, byte[] destination, byte protocol, int length)
    {
        byte[] header = new byte[Header6];
        header[0] = 6 << 4;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)length);
        header[6] = protocol;
        header[7] = TimeToLive;
        source.CopyTo(header, 8);
        destination.CopyTo(header, 24);
        return header;
    }

    // The checksum of the Internet (RFC 1071).
    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return bytes.Length % 2 == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }

    private static ushort Fold(uint sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
