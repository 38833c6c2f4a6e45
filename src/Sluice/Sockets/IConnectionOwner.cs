using System.Net;
using Sluice.Diagnostics;
using Sluice.Tls;

namespace Sluice.Sockets;

/// <summary>What a <see cref="Connection"/> closes.</summary>
internal interface IConnectionOwner : ITlsHost
{
    TimeProvider TimeProvider { get; }

    EndPoint LocalEndPoint { get; }

    /// <summary>The instruments; null where nothing is measured.</summary>
    SluiceMetrics? Metrics => null;

    /// <summary>The TLS session on the connection; null if there is none.</summary>
    TlsLayer? Layer { get; }

    /// <summary>Whether the connection was closed or aborted on this side.</summary>
    bool IsClosed { get; }

    ValueTask CloseAsync(CancellationToken cancellationToken);

    /// <summary>Puts a TLS session on the connection, which takes over the channels that are open.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    void BeginTls(TlsLayer layer);

    /// <summary>Opens the channels, which now are those of the session.</summary>
    Connection OpenConnection();
}
