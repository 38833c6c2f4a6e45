using System.Globalization;
using System.Net;

namespace Sluice.Snippets;

public static class TestingSnippets
{
    public static async Task<byte[]> PairAsync(Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <testing-pair>
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair();
        Task handling = handler(server, token);

        await client.Output.WriteLineAsync("ADD 19 23", token);
        await client.Output.CompleteAsync(token);                           // the handler sees the end of the stream
        byte[] answer = await client.Input.ReadToEndAsync(limit: 10_000, token);

        await handling;
        // </testing-pair>
        return answer;
    }

    public static async Task FragmentsAsync(Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <testing-fragments>
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair(new ByteChannelOptions
        {
            MaxFragment = 1,
            FirstEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4711),     // the address that the handler sees
        });
        // </testing-fragments>
        await handler(server, token);
        await client.CloseAsync(token);
    }

    public static async Task<byte[]> BytesAsync(CancellationToken token)
    {
        // <testing-bytes>
        ByteReadChannel input = ByteReadChannel.FromString("5\r\nhello");
        int length = int.Parse(await input.ReadLineAsync(token) ?? "", CultureInfo.InvariantCulture);
        byte[] body = await input.ReadExactlyAsync(length, token);
        // </testing-bytes>
        return body;
    }

    public static async Task ClockAsync(
        TimeProvider clock, Action<TimeSpan> advance, Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <testing-clock>
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair(new ByteChannelOptions
        {
            SocketTimeout = TimeSpan.FromMinutes(2),
            TimeProvider = clock,
        });
        Task handling = handler(server, token);
        advance(TimeSpan.FromMinutes(3));                                   // the handler's read throws an IOException with a TimeoutException inside
        // </testing-clock>
        await handling;
        await client.CloseAsync(token);
    }

    public static async Task SocketsAsync(SelectorEngine engine, Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <testing-sockets>
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, cancellationToken: token);
        Task serving = server.ServeAsync(handler, cancellationToken: token);

        await using StreamSocket socket = await selector.Tcp().ConnectAsync(server.LocalEndPoint, cancellationToken: token);
        Connection client = socket.OpenConnection();
        // </testing-sockets>
        await client.CloseAsync(token);
        await serving;
    }
}
