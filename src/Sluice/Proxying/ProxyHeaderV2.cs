using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using static Sluice.Proxying.ProxyHeaderFormat;

namespace Sluice.Proxying;

/// <summary>Parses and formats headers of version 2: binary, with optional data beside the addresses.</summary>
internal static class ProxyHeaderV2
{
    /// <inheritdoc cref="ProxyHeaderParser.TryParse"/>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int maxLength, [NotNullWhen(true)] out ProxyHeader? header, out int length)
    {
        header = null;
        length = FixedLength;
        if (!ProxyHeaderParser.StartsLike(bytes, Signature))
        {
            throw new InvalidDataException("it does not begin with a signature");
        }

        if (bytes.Length < FixedLength)
        {
            return false;
        }

        length = FixedLength + BinaryPrimitives.ReadUInt16BigEndian(bytes[(FixedLength - 2)..]);
        if (length > maxLength)
        {
            throw new InvalidDataException($"it has {length} bytes; the limit is {maxLength}");
        }

        if (bytes.Length < length)
        {
            return false;
        }

        header = Parse(bytes[..length]);
        return true;
    }

    public static byte[] Format(ProxyHeader header)
    {
        int family = Family(header);
        int addresses = AddressesLength(family);
        int length = FixedLength + addresses + (header.HasChecksum ? TypeAndLength + ChecksumLength : 0);
        byte[] bytes = new byte[length];
        Signature.CopyTo(bytes);
        bytes[12] = (byte)(0x20 | (header.IsLocal ? CommandLocal : CommandProxy));
        bytes[13] = (byte)(family == 0 ? 0 : (family << 4) | ProtocolStream);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), (ushort)(length - FixedLength));
        WriteAddresses(header, family, bytes.AsSpan(FixedLength, addresses));
        if (header.HasChecksum)
        {
            Span<byte> checksum = bytes.AsSpan(FixedLength + addresses);
            checksum[0] = ChecksumType;
            BinaryPrimitives.WriteUInt16BigEndian(checksum[1..], ChecksumLength);
            BinaryPrimitives.WriteUInt32BigEndian(checksum[TypeAndLength..], Crc32C.Of(bytes));
        }

        return bytes;
    }

    /// <summary>Converts both addresses to IPv4 if possible, otherwise to IPv6.</summary>
    public static (IPAddress Source, IPAddress Destination) OneFamily(IPAddress source, IPAddress destination) =>
        IsIPv4(source) && IsIPv4(destination)
            ? (source.MapToIPv4(), destination.MapToIPv4())
            : (source.MapToIPv6(), destination.MapToIPv6());

    private static ProxyHeader Parse(ReadOnlySpan<byte> bytes)
    {
        int command = bytes[12] & 0xf;
        if (bytes[12] >> 4 != 2 || command is not (CommandLocal or CommandProxy))
        {
            throw new InvalidDataException($"its version and command are 0x{bytes[12]:x2}");
        }

        int family = bytes[13] >> 4;
        int protocol = bytes[13] & 0xf;
        ReadOnlySpan<byte> rest = bytes[FixedLength..];

        // The addresses of a connection of the proxy itself must be ignored. With an unspecified family, the length of the addresses is unknown.
        if (command == CommandLocal || bytes[13] == 0)
        {
            return command == CommandLocal ? ProxyHeader.Local() : new ProxyHeader(ProxyProtocolVersion.V2);
        }

        int addresses = AddressesLength(family);
        if (family > FamilyUnix || protocol > ProtocolDatagram || rest.Length < addresses)
        {
            throw new InvalidDataException($"its family and protocol are 0x{bytes[13]:x2}, with {rest.Length} bytes of addresses");
        }

        if (addresses == 0 || protocol == 0)
        {
            return new ProxyHeader(ProxyProtocolVersion.V2);
        }

        bool hasChecksum = VerifyFields(bytes, FixedLength + addresses);
        return ReadAddresses(family, rest[..addresses], hasChecksum);
    }

    // Skips the type-length-value fields (2.2.1 to 2.2.7). True if there was a checksum, which is then valid.
    private static bool VerifyFields(ReadOnlySpan<byte> bytes, int start)
    {
        bool hasChecksum = false;
        for (int at = start; at < bytes.Length;)
        {
            if (bytes.Length - at < TypeAndLength)
            {
                throw new InvalidDataException("its fields beside the addresses are truncated");
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 1)..]);
            int value = at + TypeAndLength;
            if (length > bytes.Length - value)
            {
                throw new InvalidDataException("its fields beside the addresses are truncated");
            }

            if (bytes[at] == ChecksumType)
            {
                if (length != ChecksumLength || hasChecksum || !IsChecksumRight(bytes, value))
                {
                    throw new InvalidDataException("its checksum is wrong");
                }

                hasChecksum = true;
            }

            at = value + length;
        }

        return hasChecksum;
    }

    // The checksum covers the whole header, with zeros in place of the checksum.
    private static bool IsChecksumRight(ReadOnlySpan<byte> bytes, int at)
    {
        byte[] copy = bytes.ToArray();
        copy.AsSpan(at, ChecksumLength).Clear();
        return Crc32C.Of(copy) == BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
    }

    private static ProxyHeader ReadAddresses(int family, ReadOnlySpan<byte> bytes, bool hasChecksum)
    {
        if (family == FamilyUnix)
        {
            return new ProxyHeader(UnixEndPoint(bytes[..UnixPathLength]), UnixEndPoint(bytes[UnixPathLength..])) { HasChecksum = hasChecksum };
        }

        int size = family == FamilyInternet ? 4 : 16;
        return new ProxyHeader(
            new IPEndPoint(new IPAddress(bytes[..size]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * size)..])),
            new IPEndPoint(new IPAddress(bytes[size..(2 * size)]), BinaryPrimitives.ReadUInt16BigEndian(bytes[((2 * size) + 2)..])))
        {
            HasChecksum = hasChecksum,
        };
    }

    private static void WriteAddresses(ProxyHeader header, int family, Span<byte> bytes)
    {
        if (header is { Source: IPEndPoint source, Destination: IPEndPoint destination })
        {
            (IPAddress from, IPAddress to) = OneFamily(source.Address, destination.Address);
            int size = family == FamilyInternet ? 4 : 16;
            from.TryWriteBytes(bytes, out _);
            to.TryWriteBytes(bytes[size..], out _);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(2 * size)..], (ushort)source.Port);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[((2 * size) + 2)..], (ushort)destination.Port);
        }
        else if (family == FamilyUnix)
        {
            WritePath(header.Source!, bytes[..UnixPathLength]);
            WritePath(header.Destination!, bytes[UnixPathLength..]);
        }
    }

    private static int Family(ProxyHeader header) => header switch
    {
        { Source: IPEndPoint source, Destination: IPEndPoint destination } =>
            IsIPv4(source.Address) && IsIPv4(destination.Address) ? FamilyInternet : FamilyInternetV6,
        { Source: not null } => FamilyUnix,
        _ => 0,
    };

    private static int AddressesLength(int family) => family switch
    {
        FamilyInternet => InternetLength,
        FamilyInternetV6 => InternetV6Length,
        FamilyUnix => UnixLength,
        _ => 0,
    };

    private static bool IsIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;

    // A path ends with a zero. An abstract name begins with a zero and may contain others (unix(7)); trailing zeros are padding here.
    private static EndPoint UnixEndPoint(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> name = path[0] == 0 ? path.TrimEnd((byte)0) : path[..(path.IndexOf((byte)0) is >= 0 and var end ? end : path.Length)];
        try
        {
            var address = new SocketAddress(AddressFamily.Unix, sizeof(ushort) + name.Length);
            name.CopyTo(address.Buffer.Span[sizeof(ushort)..]);
            return new UnixDomainSocketEndPoint("/").Create(address);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"its Unix domain address is not valid on this system: {exception.Message}");
        }
    }

    private static void WritePath(EndPoint endPoint, Span<byte> path)
    {
        SocketAddress address = endPoint.Serialize();
        ReadOnlySpan<byte> name = address.Buffer.Span[sizeof(ushort)..address.Size];
        name[..Math.Min(name.Length, path.Length)].CopyTo(path);
    }
}
