using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

/// <summary>Extends several listeners so that they work as one server.</summary>
public static class ServerSocketExtensions
{
    /// <summary>
    /// Serves at all of these listeners, as <see cref="ServerSocket.ServeAsync"/> does at one, with one set of limits and one drain. Ends when the token is
    /// cancelled, or all listeners are stopped or closed.
    /// </summary>
    /// <param name="servers">The listeners: at least one, all of one manager.</param>
    /// <param name="handler">Serves one connection, of any of the listeners.</param>
    /// <param name="options">The limits and callbacks for all listeners together; null for the defaults.</param>
    /// <param name="cancellationToken">Stops all, with a grace of <see cref="ServeOptions.Grace"/>.</param>
    /// <returns>A task that completes when all have stopped and their handlers have ended.</returns>
    /// <exception cref="ArgumentException">There are no listeners, or they belong to several managers.</exception>
    /// <exception cref="InvalidOperationException">A listener serves or accepts already.</exception>
    /// <exception cref="ObjectDisposedException">A listener is closed.</exception>
    /// <exception cref="SocketException">An accept failed for a reason that is not transient. All listeners are stopped.</exception>
    public static Task ServeAsync(
        this IEnumerable<ServerSocket> servers,
        Func<Connection, CancellationToken, Task> handler,
        ServeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(servers);
        ArgumentNullException.ThrowIfNull(handler);
        ServerSocket[] all = [.. servers];
        return ServerSocket.ServeAllAsync(all, handler, options ?? new ServeOptions(), cancellationToken);
    }

    /// <summary>Stops all of these listeners at the same time, as <see cref="ServerSocket.StopAsync"/> stops one.</summary>
    /// <param name="servers">The listeners.</param>
    /// <param name="grace">The time that handlers have; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Ends the grace at once.</param>
    /// <returns>The number of connections that were still open at the end of the grace, and were aborted.</returns>
    public static async Task<int> StopAsync(this IEnumerable<ServerSocket> servers, TimeSpan grace, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(servers);
        Durations.ThrowIfNegative(grace);

        // Listeners that serve together share one drain, which counts once.
        var drains = new Dictionary<object, Task<int>>();
        ServerSocket[] all = [.. servers];
        Array.ForEach(all, server => server.BeginStop(grace));
        foreach (ServerSocket server in all)
        {
            Task<int> stopping = server.StopAsync(grace, cancellationToken);
            drains.TryAdd(server.Drain, stopping);
        }

        return (await Task.WhenAll(drains.Values).ConfigureAwait(false)).Sum();
    }
}
