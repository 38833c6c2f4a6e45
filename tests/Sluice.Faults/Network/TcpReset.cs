using System.Buffers.Binary;

namespace Sluice.Faults.Network;

/// <summary>Forges a reset in answer to a packet, as middleboxes do (RFC 9293, 3.5.2 and 3.10.7.4).</summary>
internal static class TcpReset
{
    private const int HeaderLength = 20;
    private const byte Tcp = 6;
    private const byte ResetFlag = 0x04;
    private const byte AckFlag = 0x10;

    /// <summary>Returns the reset for the sender of an IPv4 packet of TCP that acknowledges something; null for others.</summary>
    public static byte[]? For(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 2 * HeaderLength || packet[0] != 0x45 || packet[9] != Tcp || (packet[33] & AckFlag) == 0 || (packet[33] & ResetFlag) != 0)
        {
            return null;
        }

        byte[] reset = new byte[2 * HeaderLength];
        packet[..HeaderLength].CopyTo(reset);
        BinaryPrimitives.WriteUInt16BigEndian(reset.AsSpan(2), (ushort)reset.Length);
        packet[12..16].CopyTo(reset.AsSpan(16));
        packet[16..20].CopyTo(reset.AsSpan(12));
        BinaryPrimitives.WriteUInt16BigEndian(reset.AsSpan(10), 0);
        BinaryPrimitives.WriteUInt16BigEndian(reset.AsSpan(10), Checksum(reset.AsSpan(0, HeaderLength), 0));

        Span<byte> header = reset.AsSpan(HeaderLength);
        packet[20..22].CopyTo(header[2..]);
        packet[22..24].CopyTo(header);
        packet[28..32].CopyTo(header[4..]);
        header[12] = (HeaderLength / 4) << 4;
        header[13] = ResetFlag;
        uint pseudoHeader = Tcp + HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(header[16..], Checksum(header, pseudoHeader + Sum(reset.AsSpan(12, 8))));
        return reset;
    }

    // RFC 1071.
    private static ushort Checksum(ReadOnlySpan<byte> bytes, uint start)
    {
        uint sum = start + Sum(bytes);
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length >= 2; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        return sum;
    }
}
