using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Unix;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>Reads and sets <see cref="DatagramOption"/>s by the numbers of the system.</summary>
internal static class DatagramOptions
{
    private const int IpProtoIp = 0;
    private const int IpProtoIPv6 = 41;

    // IP_PMTUDISC_DONT and IP_PMTUDISC_DO, ip(7); ipv6(7) has the same.
    private const int PathMtuDont = 0;
    private const int PathMtuDo = 2;

    // Linux: in.h and in6.h. The numbers are the same in netinet/in.h and netinet6/in6.h of macOS and FreeBSD, and in ws2ipdef.h of Windows.
    private static bool IsLinux => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid();

    /// <summary>Applies the options of a new socket, before it is bound.</summary>
    public static void Apply(this IOptionTarget target, AddressFamily family, UdpSocketOptions options)
    {
        if (options.Broadcast)
        {
            target.Set(family, DatagramOption.Broadcast, 1);
        }

        target.SetIfGiven(family, DatagramOption.TimeToLive, options.TimeToLive);
        target.SetIfGiven(family, DatagramOption.MulticastTimeToLive, options.MulticastTimeToLive);
        target.SetIfGiven(family, DatagramOption.MulticastLoopback, options.MulticastLoopback is { } loopback ? (loopback ? 1 : 0) : null);
        target.SetIfGiven(family, DatagramOption.MulticastInterface, options.MulticastInterface);
        target.SetIfGiven(family, DatagramOption.DontFragment, options.DontFragment is { } whole ? (whole ? 1 : 0) : null);
    }

    /// <summary>Applies the options that can be set on an adopted socket, of any family.</summary>
    public static void ApplyAdopted(this IOptionTarget target, UdpSocketOptions options, AddressFamily family)
    {
        if (family == AddressFamily.Unix)
        {
            target.ApplyUnix(options);
        }
        else
        {
            target.ApplyBuffers(options);
            target.SetIfGiven(SocketOption.TypeOfService, options.TypeOfService);
            target.Apply(family, options);
            options.RareOptions?.Apply(target);
        }
    }

    public static int Get(this IOptionTarget target, AddressFamily family, DatagramOption option)
    {
        (int level, int name) = Translate(family, option);
        Span<byte> value = stackalloc byte[sizeof(int)];

        // The BSDs return some of the options as a single byte.
        int length = target.GetRawOption(level, name, value);
        int given = length == 1 ? value[0] : MemoryMarshal.Read<int>(value);
        return option == DatagramOption.DontFragment && IsLinux ? (given >= PathMtuDo ? 1 : 0) : given;
    }

    public static void Set(this IOptionTarget target, AddressFamily family, DatagramOption option, int value)
    {
        SetOne(target, family, option, value);
        if (family == AddressFamily.InterNetworkV6 && option != DatagramOption.Broadcast)
        {
            try
            {
                // A dual-mode IPv6 socket has the options of IPv4 as well, for its IPv4 datagrams.
                SetOne(target, AddressFamily.InterNetwork, option, value);
            }
            catch (SocketException)
            {
                // The socket is not in dual mode.
            }
        }
    }

    private static void SetIfGiven(this IOptionTarget target, AddressFamily family, DatagramOption option, int? value)
    {
        if (value is { } given)
        {
            target.Set(family, option, given);
        }
    }

    private static void SetOne(IOptionTarget target, AddressFamily family, DatagramOption option, int value)
    {
        (int level, int name) = Translate(family, option);
        if (option == DatagramOption.MulticastInterface && level == IpProtoIp)
        {
            SetIpV4Interface(target, name, value);
            return;
        }

        if (option == DatagramOption.DontFragment && IsLinux)
        {
            value = value != 0 ? PathMtuDo : PathMtuDont;
        }

        target.SetRawOption(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
    }

    // struct ip_mreqn (ip(7)): group, address, index. On Windows an address 0.x.x.x is an index (IP_MULTICAST_IF, IPPROTO_IP Socket Options).
    private static void SetIpV4Interface(IOptionTarget target, int name, int index)
    {
        if (OperatingSystem.IsWindows())
        {
            int network = BinaryPrimitives.ReverseEndianness(index);
            target.SetRawOption(IpProtoIp, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in network)));
            return;
        }

        target.SetRawOption(IpProtoIp, name, MemoryMarshal.AsBytes((ReadOnlySpan<int>)[0, 0, index]));
    }

    private static (int Level, int Name) Translate(AddressFamily family, DatagramOption option) => (option, family == AddressFamily.InterNetworkV6) switch
    {
        (DatagramOption.Broadcast, _) => IsLinux ? (1, 6) : (0xffff, 0x20),
        (DatagramOption.TimeToLive, false) => (IpProtoIp, IsLinux ? 2 : 4),
        (DatagramOption.TimeToLive, true) => (IpProtoIPv6, IsLinux ? 16 : 4),
        (DatagramOption.MulticastInterface, false) => (IpProtoIp, IsLinux ? 32 : 9),
        (DatagramOption.MulticastInterface, true) => (IpProtoIPv6, IsLinux ? 17 : 9),
        (DatagramOption.MulticastTimeToLive, false) => (IpProtoIp, IsLinux ? 33 : 10),
        (DatagramOption.MulticastTimeToLive, true) => (IpProtoIPv6, IsLinux ? 18 : 10),
        (DatagramOption.MulticastLoopback, false) => (IpProtoIp, IsLinux ? 34 : 11),
        (DatagramOption.MulticastLoopback, true) => (IpProtoIPv6, IsLinux ? 19 : 11),
        (DatagramOption.DontFragment, false) => (IpProtoIp, PickDontFragment(linux: 10, windows: 14, macOS: 28, freeBsd: 67)),
        (DatagramOption.DontFragment, true) => (IpProtoIPv6, PickDontFragment(linux: 23, windows: 14, macOS: 62, freeBsd: 62)),
        _ => throw new PlatformNotSupportedException($"The socket option {option} is not supported on this system."),
    };

    private static int PickDontFragment(int linux, int windows, int macOS, int freeBsd) =>
        IsLinux ? linux
        : OperatingSystem.IsWindows() ? windows
        : OperatingSystem.IsMacOS() ? macOS
        : OperatingSystem.IsFreeBSD() ? freeBsd
        : throw new PlatformNotSupportedException("The socket option DontFragment is not supported on this system.");
}
