using System.Net;
using System.Threading.RateLimiting;

namespace Sluice.Snippets;

public static class ServingSnippets
{
    public static async Task ServeAsync(
        SelectorManager selector, Func<Connection, CancellationToken, Task> handler, Predicate<IPAddress> isBanned, CancellationToken token)
    {
        // <serve-limits>
        await using var limiter = new TokenBucketRateLimiter(new()
        {
            TokenLimit = 200,
            TokensPerPeriod = 100,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 50,
        });
        var options = new ServeOptions
        {
            MaxConnections = 10_000,                                    // further clients wait in the backlog
            MaxConnectionsPerAddress = 20,                              // further clients are reset
            AcceptLimiter = limiter,                                    // clients that it does not admit are reset
            Admit = (socket, _) => ValueTask.FromResult(!isBanned(((IPEndPoint)socket.RemoteEndPoint).Address)),
            OnAborted = connection => Console.WriteLine($"{connection.Socket.RemoteEndPoint} was still open"),
        };
        // </serve-limits>

        // <serve-several>
        ServerSocket[] servers = [await selector.Tcp().BindAsync("127.0.0.1", 7000, null, token), await selector.Tcp().BindAsync("::1", 7000, null, token)];
        Task serving = servers.ServeAsync(handler, options, token);     // they share limits and shutdown

        int aborted = await servers.StopAsync(TimeSpan.FromSeconds(10), token);
        // </serve-several>
        await serving;
        Console.WriteLine(aborted);
    }

    public static async Task AcceptAsync(ServerSocket server, CancellationToken token)
    {
        // <serve-accept>
        await foreach (StreamSocket socket in server.AcceptAllAsync(token))     // until the listener is closed
        {
            _ = HandleAsync(socket.OpenConnection());                           // closes the connection when it is done
        }

        // </serve-accept>
    }

    private static async Task HandleAsync(Connection connection) => await connection.CloseAsync();
}
