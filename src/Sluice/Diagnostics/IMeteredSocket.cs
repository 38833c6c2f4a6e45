using System.Net;

namespace Sluice.Diagnostics;

/// <summary>Represents a socket to the instruments.</summary>
internal interface IMeteredSocket
{
    /// <exception cref="ObjectDisposedException">The socket was closed before the first call.</exception>
    EndPoint LocalEndPoint { get; }

    /// <summary>Gets the peer of a connection; null for other sockets.</summary>
    EndPoint? Peer { get; }
}
