namespace Sluice.Hosting;

/// <summary>Serves a UDP end point of a server. A handler is created for each end point, in a dependency injection scope of its own.</summary>
public interface IDatagramHandler
{
    /// <summary>Receives and sends until the token is canceled.</summary>
    /// <param name="socket">The bound socket.</param>
    /// <param name="cancellationToken">Canceled when the server stops.</param>
    /// <returns>A task. If it ends or throws before the token is canceled, the server fails and the host stops.</returns>
    Task HandleAsync(DatagramSocket socket, CancellationToken cancellationToken);
}
