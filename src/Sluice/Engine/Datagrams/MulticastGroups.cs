using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>Joins and leaves multicast groups with the options for both families (RFC 3678, section 5).</summary>
internal static class MulticastGroups
{
    private const int IpProtoIp = 0;
    private const int IpProtoIPv6 = 41;
    private const int StorageSize = 128;

    // IP_MULTICAST_ALL, ip(7), and IPV6_MULTICAST_ALL, linux/in6.h.
    private const int IpMulticastAll = 49;
    private const int IPv6MulticastAll = 29;

    /// <summary>Whether it is a multicast group (RFC 1112; RFC 4291, 2.7).</summary>
    public static bool IsGroup(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out _)
            && (address.AddressFamily == AddressFamily.InterNetwork ? (bytes[0] & 0xf0) == 0xe0 : address.IsIPv6Multicast);
    }

    /// <summary>
    /// Limits the socket to the groups that it has joined. By default Linux also delivers datagrams for its port in groups that other sockets of the
    /// machine have joined (ip(7), IP_MULTICAST_ALL).
    /// </summary>
    public static void ReceiveOwnGroupsOnly(IOptionTarget target, AddressFamily family)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsAndroid())
        {
            return;
        }

        TryClear(target, IpProtoIp, IpMulticastAll);
        if (family == AddressFamily.InterNetworkV6)
        {
            TryClear(target, IpProtoIPv6, IPv6MulticastAll);
        }
    }

    public static void Change(IOptionTarget target, IPAddress group, IPAddress? source, int interfaceIndex, bool join)
    {
        // struct group_source_req: the index of the interface, then one or two of struct sockaddr_storage. macOS packs it to 4 bytes.
        int first = OperatingSystem.IsMacOS() ? sizeof(uint) : IntPtr.Size;
        Span<byte> request = stackalloc byte[first + (2 * StorageSize)];
        request.Clear();
        Unsafe.WriteUnaligned(ref request[0], interfaceIndex);
        Write(group, request[first..]);
        if (source is not null)
        {
            Write(source, request[(first + StorageSize)..]);
        }

        int length = first + (source is null ? StorageSize : 2 * StorageSize);
        bool isIPv6 = group.AddressFamily == AddressFamily.InterNetworkV6;
        target.SetRawOption(isIPv6 ? IpProtoIPv6 : IpProtoIp, Name(source is not null, join), request[..length]);
    }

    // Kernels before 4.20 do not have the option for IPv6.
    private static void TryClear(IOptionTarget target, int level, int name)
    {
        try
        {
            target.SetRawOption(level, name, [0, 0, 0, 0]);
        }
        catch (SocketException)
        {
            // The socket receives the groups of other sockets as well.
        }
    }

    // MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP and their variants with a source: in.h of Linux, ws2ipdef.h, netinet/in.h of macOS and FreeBSD.
    private static int Name(bool hasSource, bool join) => (hasSource, join) switch
    {
        (false, true) => Pick(42, 41, 80),
        (false, false) => Pick(45, 42, 81),
        (true, true) => Pick(46, 45, 82),
        (true, false) => Pick(47, 46, 83),
    };

    private static int Pick(int linux, int windows, int bsd) =>
        OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? linux
        : OperatingSystem.IsWindows() ? windows
        : OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsFreeBSD() ? bsd
        : throw new PlatformNotSupportedException("Multicast groups are not supported on this system.");

    private static void Write(IPAddress address, Span<byte> storage)
    {
        SocketAddress native = new IPEndPoint(address, 0).Serialize();
        native.Buffer.Span[..native.Size].CopyTo(storage);
    }
}
