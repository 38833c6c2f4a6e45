using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

/// <summary>
/// A socket that is connected to itself: what comes of connecting to a port of this machine that nobody listens at, when the system picks that
/// very port for this side. TCP takes the two halves for a simultaneous open (RFC 9293, 3.5), and the caller would talk to itself.
/// </summary>
internal static class SelfConnection
{
    // Below, nobody is given a port without asking for it (RFC 6335, 6).
    private const int FirstUserPort = 1024;

    /// <summary>Whether it is worth looking.</summary>
    public static bool IsPossible(EndPoint remote, StreamSocketOptions options) =>
        remote is IPEndPoint { Port: var port } && (port >= FirstUserPort || options.LocalEndPoint is not null);

    /// <exception cref="SocketException">Refused, as it would have been with another port on this side.</exception>
    public static void ThrowIf(EndPoint? local, EndPoint? remote, StreamTransport stream)
    {
        if (remote is not null && remote.Equals(local))
        {
            // A reset, so that the port is free again at once.
            stream.Abort();
            throw new SocketException(
                (int)SocketError.ConnectionRefused,
                $"Connecting to {SocketErrors.Describe(remote)}: nobody listens there, and the socket was about to be connected to itself.");
        }
    }
}
