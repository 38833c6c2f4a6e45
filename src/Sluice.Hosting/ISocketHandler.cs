namespace Sluice.Hosting;

/// <summary>Serves the connections of a server: one is made for each, in a scope of its own.</summary>
public interface ISocketHandler
{
    /// <summary>Serves one connection, which is closed when this ends. Runs on the connection's event loop.</summary>
    /// <param name="connection">The connection; under TLS, if its end point is.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the connection is about to be aborted, at the end of the grace. <see cref="Connection.Stopping"/> is cancelled when the server
    /// begins to stop.
    /// </param>
    /// <returns>A task. What it throws ends this connection alone, and is logged.</returns>
    Task HandleAsync(Connection connection, CancellationToken cancellationToken);
}
