using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>Joins and leaves groups by the calls that are the same for both families (RFC 3678, section 5).</summary>
internal static class MulticastGroups
{
    private const int IpProtoIp = 0;
    private const int IpProtoIPv6 = 41;
    private const int StorageSize = 128;

    // IP_MULTICAST_ALL, ip(7), and its kin of IPv6 in in6.h.
    private const int IpMulticastAll = 49;
    private const int IPv6MulticastAll = 29;

    /// <summary>
    /// Sees to it that the socket gets what is sent to groups it has joined itself, and not what is sent to its port in groups that other sockets of the
    /// machine have joined: Linux delivers that too unless it is told otherwise (ip(7), IP_MULTICAST_ALL).
    /// </summary>
    public static void HearOwnAlone(IOptionTarget target, AddressFamily family)
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
        // struct group_source_req: the interface's number, then one or two struct sockaddr_storage, which macOS packs.
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

    // A kernel that does not know the option (IPv6: before 4.20) goes on as it did.
    private static void TryClear(IOptionTarget target, int level, int name)
    {
        try
        {
            target.SetRawOption(level, name, [0, 0, 0, 0]);
        }
        catch (SocketException)
        {
            // Then other sockets' groups are heard.
        }
    }

    // MCAST_JOIN_GROUP and its kin: in.h of Linux, ws2ipdef.h, netinet/in.h of macOS and FreeBSD.
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
        : throw new PlatformNotSupportedException("Multicast groups are not supported here.");

    private static void Write(IPAddress address, Span<byte> storage)
    {
        SocketAddress native = new IPEndPoint(address, 0).Serialize();
        native.Buffer.Span[..native.Size].CopyTo(storage);
    }
}
