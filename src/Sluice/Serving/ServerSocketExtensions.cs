using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

/// <summary>Several listeners as one server.</summary>
public static class ServerSocketExtensions
{
    /// <summary>
    /// Serves at all of these listeners at once, as <see cref="ServerSocket.ServeAsync"/> does at one: with one set of limits, and one drain.
    /// Goes on until the token is cancelled, or all of them are stopped or closed.
    /// </summary>
    /// <param name="servers">The listeners, all of one manager. At least one.</param>
    /// <param name="handler">Serves one connection, whichever listener it came to.</param>
    /// <param name="options">Limits and callbacks, for all of them together; null for the defaults.</param>
    /// <param name="cancellationToken">Stops all, with a grace of <see cref="ServeOptions.Grace"/>.</param>
    /// <returns>A task that completes when all have stopped and their handlers have ended.</returns>
    /// <exception cref="ArgumentException">There are no listeners, or of several managers.</exception>
    /// <exception cref="InvalidOperationException">One of them serves or accepts already.</exception>
    /// <exception cref="ObjectDisposedException">One of them was closed before.</exception>
    /// <exception cref="SocketException">Accepting failed for a reason that does not pass by itself; all are stopped.</exception>
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

    /// <summary>Stops all of these listeners at once, as <see cref="ServerSocket.StopAsync"/> does one.</summary>
    /// <param name="servers">The listeners.</param>
    /// <param name="grace">How long handlers may go on; <see cref="Timeout.InfiniteTimeSpan"/> for as long as they like.</param>
    /// <param name="cancellationToken">Ends the grace at once.</param>
    /// <returns>How many connections were still open when the grace had passed, and were aborted.</returns>
    public static async Task<int> StopAsync(this IEnumerable<ServerSocket> servers, TimeSpan grace, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(servers);
        Durations.ThrowIfNegative(grace);

        // Listeners that serve together report the same drain: it counts once.
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
