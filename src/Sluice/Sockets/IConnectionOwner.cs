using System.Net;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Tls;

namespace Sluice.Sockets;

/// <summary>Represents the socket, or the pair of pipes, that a <see cref="Connection"/> belongs to.</summary>
internal interface IConnectionOwner : ITlsHost, IObserved
{
    TimeProvider TimeProvider { get; }

    EndPoint LocalEndPoint { get; }

    /// <summary>The TLS session on the connection; null if there is none.</summary>
    TlsLayer? Layer { get; }

    /// <summary>Whether the connection was closed or aborted on this side.</summary>
    bool IsClosed { get; }

    ValueTask CloseAsync(CancellationToken cancellationToken);

    /// <summary>Aborts the connection, for a reason that later calls on it report.</summary>
    void Abort(CloseReason reason);

    /// <summary>Logs the exception of a callback. Does nothing where there is no log.</summary>
    void ReportCallbackFailure(Exception exception)
    {
    }

    /// <summary>Adds a TLS session to the connection. The session takes over the open channels.</summary>
    /// <exception cref="InvalidOperationException">The connection has a session already.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    void BeginTls(TlsLayer layer);

    /// <summary>Opens the channels of the session.</summary>
    Connection OpenConnection();
}
