namespace Sluice.Hosting;

/// <summary>Serves the UDP end points of a server: one is made for each end point, in a scope of its own.</summary>
public interface IDatagramHandler
{
    /// <summary>Receives and sends until it is told to stop.</summary>
    /// <param name="socket">The socket, bound.</param>
    /// <param name="cancellationToken">Cancelled when the server stops.</param>
    /// <returns>A task. If it ends or throws before that, the server has failed, and with it the host.</returns>
    Task HandleAsync(DatagramSocket socket, CancellationToken cancellationToken);
}
