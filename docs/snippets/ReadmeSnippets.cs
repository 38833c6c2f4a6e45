using System.Text;

namespace Sluice.Snippets;

internal static class ReadmeSnippets
{
    public static async Task ServerAsync()
    {
        // <server>
        await using var selector = new SelectorManager();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 2323);
        Console.WriteLine($"Started echo telnet server at {server.LocalEndPoint}");

        await server.ServeAsync(async (connection, cancellationToken) =>
        {
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        });
        // </server>
    }

    public static async Task ClientAsync()
    {
        // <client>
        await using StreamSocket socket = await SelectorManager.Shared.Tcp().ConnectAsync("127.0.0.1", 2323);
        ByteReadChannel input = socket.OpenReadChannel();
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: true);

        await output.WriteStringAsync("hello\r\n");
        Console.WriteLine($"Server said: '{await input.ReadLineAsync()}'");
        // </client>
    }

    public static async Task LimitsAsync(SelectorManager selector, Action<Exception, bool> report, CancellationToken stopping)
    {
        // <limits>
        TcpSocketBuilder tcp = selector.Tcp().Configure(options =>
        {
            options.KeepAlive = true;
            options.SocketTimeout = TimeSpan.FromMinutes(2);            // a read or write that waits longer fails
        });
        await using ServerSocket server = await tcp.BindAsync("0.0.0.0", 2323, cancellationToken: stopping);

        var limits = new ServeOptions
        {
            MaxConnections = 1_000,                                     // the next one waits in the backlog
            OnError = (connection, error) => report(error, connection.IsPeerFault(error)),  // one bad connection never stops the server
            Grace = TimeSpan.FromSeconds(10),                           // for handlers to finish once stopping is cancelled
        };

        var lines = new LineReadOptions { Encoding = Encoding.Latin1, MaxLength = 512 };
        await server.ServeAsync(
            async (connection, cancellationToken) =>
            {
                await foreach (string line in connection.Input.ReadLinesAsync(lines, connection.Stopping))
                {
                    await connection.Output.WriteLineAsync(line.ToUpperInvariant(), cancellationToken);
                }
            },
            limits,
            stopping);
        // </limits>
    }
}
