using System.Net;

namespace Sluice.Diagnostics;

/// <summary>A socket, as the instruments see it.</summary>
internal interface IMeteredSocket
{
    /// <exception cref="ObjectDisposedException">The socket is closed, and was never asked before.</exception>
    EndPoint LocalEndPoint { get; }

    /// <summary>The peer of a connection; else null.</summary>
    EndPoint? Peer { get; }
}
