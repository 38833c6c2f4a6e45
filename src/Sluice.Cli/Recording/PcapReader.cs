using System.Buffers.Binary;

namespace Sluice.Cli.Recording;

/// <summary>Reads the packets of a file in the older format of tcpdump (draft-ietf-opsawg-pcap).</summary>
internal static class PcapReader
{
    private const uint Microseconds = 0xA1B2C3D4;
    private const uint Nanoseconds = 0xA1B23C4D;
    private const int FileHeader = 24;
    private const int PacketHeader = 16;
    private const int MaxPacket = 16 * 1024 * 1024;

    /// <summary>Gets whether a file that begins with these bytes has this format.</summary>
    public static bool IsStart(ReadOnlySpan<byte> start) => OrderOf(start) is not null;

    /// <summary>Reads all packets, with their time in seconds and the type of their link.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">What was read of it, at most its header.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IEnumerable<(double Time, int LinkType, byte[] Packet)> Read(Stream file, byte[] start)
    {
        byte[] header = new byte[FileHeader];
        start.CopyTo(header, 0);
        ReadExactly(file, header.AsSpan(start.Length));
        (bool isLittle, double fraction) = OrderOf(header)!.Value;
        int linkType = Number(header, 20, isLittle) & 0xFFFF;
        byte[] packetHeader = new byte[PacketHeader];
        int read;
        while ((read = file.ReadAtLeast(packetHeader, PacketHeader, throwOnEndOfStream: false)) == PacketHeader)
        {
            int length = Number(packetHeader, 8, isLittle);
            if (length is < 0 or > MaxPacket)
            {
                throw new InvalidDataException($"The file has a packet of {(uint)length} bytes, which cannot be.");
            }

            byte[] packet = new byte[length];
            ReadExactly(file, packet);
            yield return ((uint)Number(packetHeader, 0, isLittle) + ((uint)Number(packetHeader, 4, isLittle) * fraction), linkType, packet);
        }

        if (read != 0)
        {
            throw PcapngReader.Cut();
        }
    }

    private static (bool IsLittle, double Fraction)? OrderOf(ReadOnlySpan<byte> start) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(start), BinaryPrimitives.ReadUInt32BigEndian(start)) switch
        {
            (Microseconds, _) => (true, 1e-6),
            (Nanoseconds, _) => (true, 1e-9),
            (_, Microseconds) => (false, 1e-6),
            (_, Nanoseconds) => (false, 1e-9),
            _ => null,
        };

    private static int Number(byte[] bytes, int at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));

    private static void ReadExactly(Stream file, Span<byte> bytes)
    {
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw PcapngReader.Cut();
        }
    }
}
