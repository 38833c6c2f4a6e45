using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sluice.Engine.Datagrams;

/// <summary>Joins and leaves groups by the calls that are the same for both families (RFC 3678, section 5).</summary>
internal static class MulticastGroups
{
    private const int IpProtoIp = 0;
    private const int IpProtoIpV6 = 41;
    private const int StorageSize = 128;

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
        bool isIpV6 = group.AddressFamily == AddressFamily.InterNetworkV6;
        target.SetRawOption(isIpV6 ? IpProtoIpV6 : IpProtoIp, Name(source is not null, join), request[..length]);
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
