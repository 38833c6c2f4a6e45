using System.Buffers.Binary;

namespace Sluice.Cli.Recording;

/// <summary>Reads the packets of a pcapng file, or of one in the older format of tcpdump.</summary>
internal static class PcapngReader
{
    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const ushort TimeResolution = 9;
    private const int MaxBlock = 16 * 1024 * 1024;

    /// <summary>Reads all packets, with their time in seconds and the type of their link.</summary>
    /// <exception cref="InvalidDataException">The file is of neither format, or it is damaged.</exception>
    public static IEnumerable<(double Time, int LinkType, byte[] Packet)> Read(Stream file)
    {
        bool isLittle = true;
        var interfaces = new List<(int LinkType, double Resolution)>();
        byte[] header = new byte[8];
        int read;
        bool isFirst = true;
        while ((read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false)) == header.Length)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (isFirst && PcapReader.IsStart(header))
            {
                foreach ((double Time, int LinkType, byte[] Packet) packet in PcapReader.Read(file, header))
                {
                    yield return packet;
                }

                yield break;
            }

            if (isFirst && type != SectionHeader)
            {
                break;
            }

            isFirst = false;
            byte[] magic = [];
            if (type == SectionHeader)
            {
                magic = new byte[4];
                file.ReadExactly(magic);
                isLittle = BinaryPrimitives.ReadUInt32LittleEndian(magic) == ByteOrderMagic;
                interfaces.Clear();
            }

            type = isLittle ? type : BinaryPrimitives.ReverseEndianness(type);
            byte[] body = ReadBody(file, Number32(header.AsSpan(4), isLittle), magic.Length);
            if (type == InterfaceDescription)
            {
                interfaces.Add((Number16(body, isLittle), ResolutionOf(body, isLittle)));
            }
            else if (type == EnhancedPacket && body.Length >= 20)
            {
                yield return PacketOf(body, interfaces, isLittle);
            }
        }

        if (isFirst || read != 0)
        {
            throw isFirst ? new InvalidDataException("The file is neither a pcapng nor a pcap file.") : Cut();
        }
    }

    /// <summary>Creates the error for a file that ends too early.</summary>
    public static InvalidDataException Cut() => new("The file ends in the middle of a packet.");

    private static byte[] ReadBody(Stream file, uint length, int read)
    {
        if (length < 12 + read || length > MaxBlock || length % 4 != 0)
        {
            throw new InvalidDataException($"The file has a block of {length} bytes, which cannot be.");
        }

        byte[] body = new byte[length - 8 - read];
        try
        {
            file.ReadExactly(body);
        }
        catch (EndOfStreamException)
        {
            throw Cut();
        }

        return body[..^4];
    }

    private static (double Time, int LinkType, byte[] Packet) PacketOf(byte[] body, List<(int LinkType, double Resolution)> interfaces, bool isLittle)
    {
        int at = (int)Number32(body, isLittle);
        uint length = Number32(body.AsSpan(12), isLittle);
        if (at >= interfaces.Count || length > body.Length - 20)
        {
            throw new InvalidDataException("The file has a packet that does not fit its block or its interfaces.");
        }

        ulong time = ((ulong)Number32(body.AsSpan(4), isLittle) << 32) | Number32(body.AsSpan(8), isLittle);
        return (time * interfaces[at].Resolution, interfaces[at].LinkType, body.AsSpan(20, (int)length).ToArray());
    }

    // Microseconds, unless an option says otherwise: a power of 10, or of 2 if the highest bit is set.
    private static double ResolutionOf(byte[] body, bool isLittle)
    {
        for (int at = 8; at + 4 < body.Length;)
        {
            int code = Number16(body.AsSpan(at), isLittle);
            int length = Number16(body.AsSpan(at + 2), isLittle);
            if (code == TimeResolution && length == 1)
            {
                byte value = body[at + 4];
                return Math.Pow((value & 0x80) == 0 ? 10 : 2, -(value & 0x7F));
            }

            at += 4 + ((length + 3) & ~3);
        }

        return 1e-6;
    }

    private static uint Number32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static ushort Number16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
