using System.Net.Sockets;

namespace Sluice.Options;

/// <summary>Translates options to the level and name of each system.</summary>
/// <remarks>
/// From asm-generic/socket.h, linux/tcp.h, linux/in.h and linux/in6.h of Linux; sys/socket.h, netinet/tcp.h, netinet/in.h and
/// netinet6/in6.h of macOS and FreeBSD; ws2def.h, ws2ipdef.h and ws2tcpip.h of Windows.
/// </remarks>
internal static class OptionNumbers
{
    private const int Ip = 0;
    private const int Tcp = 6;
    private const int IPv6 = 41;
    private const int LinuxSocket = 1;
    private const int OtherSocket = 0xffff;

    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    public static (int Level, int Name) Translate(SocketOption option, AddressFamily family)
    {
        bool v6 = family == AddressFamily.InterNetworkV6;
        (int Level, int Name)? numbers =
            OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? OnLinux(option, v6)
            : OperatingSystem.IsWindows() ? OnWindows(option, v6)
            : OperatingSystem.IsFreeBSD() ? OnFreeBsd(option, v6)
            : OnMac(option, v6);
        return numbers ?? throw new PlatformNotSupportedException($"This system has no socket option {option}.");
    }

    private static (int Level, int Name)? OnLinux(SocketOption option, bool v6) => option switch
    {
        SocketOption.ReuseAddress => (LinuxSocket, 2),
        SocketOption.ReusePort => (LinuxSocket, 15),
        SocketOption.SendBufferSize => (LinuxSocket, 7),
        SocketOption.ReceiveBufferSize => (LinuxSocket, 8),
        SocketOption.KeepAlive => (LinuxSocket, 9),
        SocketOption.LingerSeconds => (LinuxSocket, 13),
        SocketOption.Device => (LinuxSocket, 25),
        SocketOption.Mark => (LinuxSocket, 36),
        SocketOption.BusyPoll => (LinuxSocket, 46),
        SocketOption.NoDelay => (Tcp, 1),
        SocketOption.KeepAliveTime => (Tcp, 4),
        SocketOption.KeepAliveInterval => (Tcp, 5),
        SocketOption.KeepAliveCount => (Tcp, 6),
        SocketOption.DeferAccept => (Tcp, 9),
        SocketOption.TcpInfo => (Tcp, 11),
        SocketOption.QuickAck => (Tcp, 12),
        SocketOption.CongestionControl => (Tcp, 13),
        SocketOption.UserTimeout => (Tcp, 18),
        SocketOption.FastOpenQueue => (Tcp, 23),
        SocketOption.FastOpen => (Tcp, 30),
        SocketOption.TypeOfService => v6 ? (IPv6, 67) : (Ip, 1),
        SocketOption.FreeBind => v6 ? (IPv6, 78) : (Ip, 15),
        SocketOption.IPv6Only when v6 => (IPv6, 26),
        _ => null,
    };

    private static (int Level, int Name)? OnMac(SocketOption option, bool v6) => option switch
    {
        SocketOption.KeepAliveTime => (Tcp, 0x10),
        SocketOption.KeepAliveInterval => (Tcp, 0x101),
        SocketOption.KeepAliveCount => (Tcp, 0x102),
        SocketOption.FastOpenQueue => (Tcp, 0x105),
        SocketOption.TypeOfService => v6 ? (IPv6, 36) : (Ip, 3),
        _ => OnBsd(option, v6),
    };

    private static (int Level, int Name)? OnFreeBsd(SocketOption option, bool v6) => option switch
    {
        SocketOption.KeepAliveTime => (Tcp, 256),
        SocketOption.KeepAliveInterval => (Tcp, 512),
        SocketOption.KeepAliveCount => (Tcp, 1024),
        SocketOption.FastOpenQueue => (Tcp, 1025),
        SocketOption.CongestionControl => (Tcp, 64),
        SocketOption.TypeOfService => v6 ? (IPv6, 61) : (Ip, 3),
        _ => OnBsd(option, v6),
    };

    private static (int Level, int Name)? OnWindows(SocketOption option, bool v6) => option switch
    {
        // Windows has no such option: its SO_REUSEADDR already shares a port.
        SocketOption.ReusePort => null,
        SocketOption.KeepAliveTime => (Tcp, 3),
        SocketOption.KeepAliveCount => (Tcp, 16),
        SocketOption.KeepAliveInterval => (Tcp, 17),
        SocketOption.FastOpenQueue => (Tcp, 15),
        SocketOption.TypeOfService => v6 ? (IPv6, 39) : (Ip, 3),
        _ => OnBsd(option, v6),
    };

    // Common to the systems whose sockets derive from BSD.
    private static (int Level, int Name)? OnBsd(SocketOption option, bool v6) => option switch
    {
        SocketOption.ReuseAddress => (OtherSocket, 0x4),
        SocketOption.KeepAlive => (OtherSocket, 0x8),
        SocketOption.LingerSeconds => (OtherSocket, 0x80),
        SocketOption.ReusePort => (OtherSocket, 0x200),
        SocketOption.SendBufferSize => (OtherSocket, 0x1001),
        SocketOption.ReceiveBufferSize => (OtherSocket, 0x1002),
        SocketOption.NoDelay => (Tcp, 1),
        SocketOption.IPv6Only when v6 => (IPv6, 27),
        _ => null,
    };
}
