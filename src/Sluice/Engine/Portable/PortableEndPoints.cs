using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Portable;

/// <summary>
/// Reads the end points of a <see cref="Socket"/>. Its own properties throw for a Unix domain name that fills <c>sun_path</c> (see
/// <see cref="Sluice.Engine.Unix.UnixEndPoints.FromNative"/>), and a peer or another process can choose such a name.
/// </summary>
internal static class PortableEndPoints
{
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static EndPoint Local(Socket socket) =>
        AsksSystem(socket) ? SocketAddresses.Local(socket.SafeHandle, socket.AddressFamily) : socket.LocalEndPoint!;

    /// <summary>
    /// Gets the end point of the peer; null if the socket is not connected. A <see cref="Socket"/> forgets its peer once one direction is shut down
    /// (dotnet/runtime, Socket.SetToDisconnected); Linux does not.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static EndPoint? Remote(Socket socket)
    {
        try
        {
            return AsksSystem(socket) || (!socket.Connected && OperatingSystem.IsLinux())
                ? SocketAddresses.Remote(socket.SafeHandle, socket.AddressFamily)
                : socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static bool AsksSystem(Socket socket) => socket.AddressFamily == AddressFamily.Unix && OperatingSystem.IsLinux();
}
