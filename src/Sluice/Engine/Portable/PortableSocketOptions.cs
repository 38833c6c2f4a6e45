using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Portable;

/// <summary>Socket options by way of <see cref="Socket"/>, except those that it translates otherwise than we mean them.</summary>
internal readonly struct PortableSocketOptions(Socket socket) : IOptionTarget
{
    // sys/socket.h of macOS and the BSDs.
    private const int BsdSolSocket = 0xffff;
    private const int BsdSoReuseAddr = 0x4;
    private const int BsdSoReusePort = 0x200;

    // IPV6_TCLASS, which System.Net.Sockets does not know: netinet6/in6.h of macOS and FreeBSD, ws2ipdef.h.
    private const int MacIpV6TClass = 36;
    private const int FreeBsdIpV6TClass = 61;
    private const int WindowsIpV6TClass = 39;

    private readonly Socket _socket = socket;

    public int GetOption(SocketOption option)
    {
        switch (option)
        {
            case SocketOption.ReuseAddress or SocketOption.ReusePort:
                (int level, int name) = TranslateReuse(option);
                return GetRaw(level, name);
            case SocketOption.SendBufferSize:
                return _socket.SendBufferSize / BufferSizeFactor;
            case SocketOption.ReceiveBufferSize:
                return _socket.ReceiveBufferSize / BufferSizeFactor;
            case SocketOption.TypeOfService:
                return IsIpV6
                    ? GetRaw(LinuxConstants.IpProtoIpV6, IpV6TClass)
                    : (int)_socket.GetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService)!;
            case SocketOption.NoDelay:
                return _socket.NoDelay ? 1 : 0;
            case SocketOption.KeepAlive:
                return (int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! == 0 ? 0 : 1;
            case SocketOption.LingerSeconds:
                return _socket.LingerState is { Enabled: true } linger ? linger.LingerTime : -1;
            default:
                throw new PlatformNotSupportedException($"The socket option {option} is not supported here.");
        }
    }

    public void SetOption(SocketOption option, int value)
    {
        switch (option)
        {
            case SocketOption.ReuseAddress or SocketOption.ReusePort:
                // Not SocketOptionName.ReuseAddress: on Unix that sets SO_REUSEPORT too, and two servers share a port unnoticed.
                (int level, int name) = TranslateReuse(option);
                SetRaw(level, name, value);
                break;
            case SocketOption.SendBufferSize:
                _socket.SendBufferSize = value;
                break;
            case SocketOption.ReceiveBufferSize:
                _socket.ReceiveBufferSize = value;
                break;
            case SocketOption.TypeOfService when IsIpV6:
                SetRaw(LinuxConstants.IpProtoIpV6, IpV6TClass, value);
                break;
            case SocketOption.TypeOfService:
                _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, value);
                break;
            case SocketOption.NoDelay:
                _socket.NoDelay = value != 0;
                break;
            case SocketOption.KeepAlive:
                _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, value != 0);
                break;
            case SocketOption.LingerSeconds:
                _socket.LingerState = new LingerOption(value >= 0, Math.Max(value, 0));
                break;
            default:
                throw new PlatformNotSupportedException($"The socket option {option} is not supported here.");
        }
    }

    public int GetRawOption(int level, int name, Span<byte> value) => _socket.GetRawSocketOption(level, name, value);

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value) => _socket.SetRawSocketOption(level, name, value);

    // Linux doubles what it is told, for its own bookkeeping, and tells the doubled value (socket(7)).
    private static int BufferSizeFactor => OperatingSystem.IsLinux() ? 2 : 1;

    private static int IpV6TClass =>
        OperatingSystem.IsWindows() ? WindowsIpV6TClass :
        OperatingSystem.IsMacOS() ? MacIpV6TClass :
        OperatingSystem.IsFreeBSD() ? FreeBsdIpV6TClass :
        LinuxConstants.IpV6TClass;

    private bool IsIpV6 => _socket.AddressFamily == AddressFamily.InterNetworkV6;

    private int GetRaw(int level, int name)
    {
        Span<byte> value = stackalloc byte[4];
        _socket.GetRawSocketOption(level, name, value);
        return MemoryMarshal.Read<int>(value);
    }

    private void SetRaw(int level, int name, int value) =>
        _socket.SetRawSocketOption(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    private static (int Level, int Name) TranslateReuse(SocketOption option)
    {
        bool port = option == SocketOption.ReusePort;
        if (OperatingSystem.IsLinux())
        {
            return (LinuxConstants.SolSocket, port ? LinuxConstants.SoReusePort : LinuxConstants.SoReuseAddr);
        }

        if (OperatingSystem.IsWindows())
        {
            return port
                ? throw new PlatformNotSupportedException("The socket option ReusePort is not supported on Windows.")
                : (BsdSolSocket, BsdSoReuseAddr);
        }

        return (BsdSolSocket, port ? BsdSoReusePort : BsdSoReuseAddr);
    }
}
