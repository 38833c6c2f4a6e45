using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

/// <summary>
/// Detects a socket that is connected to itself. A connect to a port of this machine without a listener ends so if the system picks the same port for
/// this side: TCP then sees a simultaneous open (RFC 9293, 3.5), and the caller would read its own bytes.
/// </summary>
internal static class SelfConnection
{
    // The system picks no port below (RFC 6335, 6).
    private const int FirstUserPort = 1024;

    /// <summary>Whether a connect to this end point can end so.</summary>
    public static bool IsPossible(EndPoint remote, StreamSocketOptions options) =>
        remote is IPEndPoint { Port: var port } && (port >= FirstUserPort || options.LocalEndPoint is not null);

    /// <summary>Aborts a connection to itself.</summary>
    /// <exception cref="SocketException">The connection is one: refused, as it would have been with another local port.</exception>
    public static void ThrowIf(EndPoint? local, EndPoint? remote, StreamTransport stream)
    {
        if (remote is not null && remote.Equals(local))
        {
            // A reset frees the port at once.
            stream.Abort();
            throw new SocketException(
                (int)SocketError.ConnectionRefused,
                $"Connecting to {SocketErrors.Describe(remote)}: there is no listener, and the system has connected the socket to itself.");
        }
    }
}
