using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Socket options by the numbers of Linux.</summary>
internal readonly unsafe struct EpollSocketOptions(SocketHandle handle, AddressFamily family) : IOptionTarget
{
    public int GetOption(SocketOption option)
    {
        (int level, int name) = Translate(option);
        int* value = stackalloc int[2];
        uint length = option == SocketOption.LingerSeconds ? 8u : 4u;
        int fd = handle.Enter();
        try
        {
            Check(Libc.GetSockOpt(fd, level, name, value, &length), "Reading", option);
        }
        finally
        {
            handle.Exit();
        }

        return option switch
        {
            SocketOption.LingerSeconds => value[0] == 0 ? -1 : value[1],

            // The kernel doubles what it is told, for its own bookkeeping, and tells the doubled value (socket(7)).
            SocketOption.SendBufferSize or SocketOption.ReceiveBufferSize => value[0] / 2,
            _ => value[0],
        };
    }

    public void SetOption(SocketOption option, int value)
    {
        (int level, int name) = Translate(option);
        int* native = stackalloc int[2];
        native[0] = value;
        uint length = 4;
        if (option == SocketOption.LingerSeconds)
        {
            native[0] = value < 0 ? 0 : 1;
            native[1] = Math.Max(value, 0);
            length = 8;
            handle.CloseMayBlock = value > 0;
        }

        int fd = handle.Enter();
        try
        {
            Check(Libc.SetSockOpt(fd, level, name, native, length), "Setting", option);
        }
        finally
        {
            handle.Exit();
        }
    }

    /// <summary>An IPv6 socket that speaks IPv4 too, whatever net.ipv6.bindv6only says.</summary>
    public void EnableDualMode()
    {
        int off = 0;
        int fd = handle.Enter();
        try
        {
            _ = Libc.SetSockOpt(fd, LinuxConstants.IpProtoIpV6, LinuxConstants.IpV6Only, &off, sizeof(int));
        }
        finally
        {
            handle.Exit();
        }
    }

    /// <summary>SO_ERROR: how an asynchronous connect ended.</summary>
    public SocketError TakeError()
    {
        int error = 0;
        uint length = sizeof(int);
        int fd = handle.Enter();
        try
        {
            return Libc.GetSockOpt(fd, LinuxConstants.SolSocket, LinuxConstants.SoError, &error, &length) == 0
                ? Errno.ToSocketError(error)
                : Errno.ToSocketError(Errno.Last());
        }
        finally
        {
            handle.Exit();
        }
    }

    private static void Check(int returned, string doing, SocketOption option)
    {
        if (returned != 0)
        {
            throw SocketErrors.During(Errno.ToSocketError(Errno.Last()), $"{doing} the socket option {option}");
        }
    }

    private (int Level, int Name) Translate(SocketOption option) => option switch
    {
        SocketOption.ReuseAddress => (LinuxConstants.SolSocket, LinuxConstants.SoReuseAddr),
        SocketOption.ReusePort => (LinuxConstants.SolSocket, LinuxConstants.SoReusePort),
        SocketOption.SendBufferSize => (LinuxConstants.SolSocket, LinuxConstants.SoSendBuffer),
        SocketOption.ReceiveBufferSize => (LinuxConstants.SolSocket, LinuxConstants.SoReceiveBuffer),
        SocketOption.KeepAlive => (LinuxConstants.SolSocket, LinuxConstants.SoKeepAlive),
        SocketOption.LingerSeconds => (LinuxConstants.SolSocket, LinuxConstants.SoLinger),
        SocketOption.NoDelay => (LinuxConstants.IpProtoTcp, LinuxConstants.TcpNoDelay),
        SocketOption.TypeOfService => family == AddressFamily.InterNetworkV6
            ? (LinuxConstants.IpProtoIpV6, LinuxConstants.IpV6TClass)
            : (LinuxConstants.IpProtoIp, LinuxConstants.IpTos),
        _ => throw new PlatformNotSupportedException($"The socket option {option} is not supported here."),
    };
}
