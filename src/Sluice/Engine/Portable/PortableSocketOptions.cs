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

    private readonly Socket _socket = socket;

    public int GetOption(SocketOption option)
    {
        switch (option)
        {
            case SocketOption.ReuseAddress or SocketOption.ReusePort:
                (int level, int name) = TranslateReuse(option);
                Span<byte> value = stackalloc byte[4];
                _socket.GetRawSocketOption(level, name, value);
                return MemoryMarshal.Read<int>(value);
            case SocketOption.SendBufferSize:
                return _socket.SendBufferSize / BufferSizeFactor;
            case SocketOption.ReceiveBufferSize:
                return _socket.ReceiveBufferSize / BufferSizeFactor;
            case SocketOption.TypeOfService:
                return (int)_socket.GetSocketOption(TosLevel, TosName)!;
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
                _socket.SetRawSocketOption(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
                break;
            case SocketOption.SendBufferSize:
                _socket.SendBufferSize = value;
                break;
            case SocketOption.ReceiveBufferSize:
                _socket.ReceiveBufferSize = value;
                break;
            case SocketOption.TypeOfService:
                _socket.SetSocketOption(TosLevel, TosName, value);
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

    // Linux doubles what it is told, for its own bookkeeping, and tells the doubled value (socket(7)).
    private static int BufferSizeFactor => OperatingSystem.IsLinux() ? 2 : 1;

    private SocketOptionLevel TosLevel => _socket.AddressFamily == AddressFamily.InterNetworkV6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP;

    private SocketOptionName TosName => _socket.AddressFamily == AddressFamily.InterNetworkV6 ? (SocketOptionName)LinuxConstants.IpV6TClass : SocketOptionName.TypeOfService;

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
