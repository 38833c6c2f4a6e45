using System.Net.Sockets;

namespace Sluice.Engine.Unix;

/// <summary>Finds out whether a process has the socket open that a file stands for.</summary>
internal static class UnixSocketProbe
{
    // The probe is a datagram socket. The kernel refuses to connect it to a stream socket because of its type (EPROTOTYPE), so that a server does
    // not see the probe, and a server that has bound but does not listen yet counts as live. ECONNREFUSED is for a socket that no process has open
    // (connect(2)). Windows has no Unix datagram sockets: there a server sees a connection that ends at once.
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
