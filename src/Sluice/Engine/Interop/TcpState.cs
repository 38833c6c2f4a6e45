using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>Reads the state of a TCP connection.</summary>
internal static class TcpState
{
    // The state is the first byte of a struct tcp_connection_info of macOS (netinet/tcp.h). TCPS_CLOSED is 0 (netinet/tcp_fsm.h).
    private const int DarwinTcpConnectionInfo = 0x106;
    private const byte DarwinClosed = 0;

    /// <summary>Whether it is closed in both directions, as after a reset; false where the system does not tell.</summary>
    public static bool IsClosed(Socket socket) =>
        socket.AddressFamily == AddressFamily.Unix ? UnixConnection.IsClosed(socket)
        : OperatingSystem.IsLinux() ? Read(socket, LinuxConstants.TcpInfo) == LinuxConstants.TcpStateClose
        : OperatingSystem.IsMacOS() && Read(socket, DarwinTcpConnectionInfo) == DarwinClosed;

    /// <summary>Whether a connection is not established yet: its first packet is not sent, or not answered (TCP_SYN_SENT). Linux.</summary>
    public static bool IsConnecting(IOptionTarget socket)
    {
        Span<byte> info = stackalloc byte[1];
        try
        {
            return socket.GetRawOption(LinuxConstants.IpProtoTcp, LinuxConstants.TcpInfo, info) > 0 && info[0] == LinuxConstants.TcpStateSynSent;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static byte? Read(Socket socket, int option)
    {
        Span<byte> info = stackalloc byte[256];
        try
        {
            return socket.GetRawSocketOption(LinuxConstants.IpProtoTcp, option, info) > 0 ? info[0] : null;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
