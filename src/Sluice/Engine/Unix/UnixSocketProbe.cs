using System.Net.Sockets;

namespace Sluice.Engine.Unix;

/// <summary>Finds out whether somebody holds the socket that a file stands for.</summary>
internal static class UnixSocketProbe
{
    // As a datagram socket: one of another type is refused for its type (EPROTOTYPE), so that a server never sees the question; and a
    // server that has bound and does not listen yet is alive, too. Only where nobody holds it is the connection refused (connect(2)).
    // Windows has no such sockets, and a server there sees a connection that ends at once.
    public static bool IsAlive(UnixDomainSocketEndPoint endPoint)
    {
        using var probe = new Socket(
            AddressFamily.Unix, OperatingSystem.IsWindows() ? SocketType.Stream : SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            probe.Blocking = false;
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
