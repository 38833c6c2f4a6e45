namespace Sluice.Hosting;

/// <summary>Serves a connection of a server. A handler is created for each connection, in a dependency injection scope of its own.</summary>
public interface ISocketHandler
{
    /// <summary>Serves one connection, which is closed when the task ends. Runs on the connection's event loop.</summary>
    /// <param name="connection">The connection; encrypted if its end point uses TLS.</param>
    /// <param name="cancellationToken">
    /// Canceled when the connection is about to be aborted, at the end of the grace period. <see cref="Connection.Stopping"/> is canceled when the
    /// server begins to stop.
    /// </param>
    /// <returns>A task. An exception from it ends only this connection, and is logged.</returns>
    Task HandleAsync(Connection connection, CancellationToken cancellationToken);
}
