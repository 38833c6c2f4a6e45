using System.Net;
using System.Text.Json;

namespace Sluice.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class DescribeTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task Each_socket_tells_what_is_waited_for_at_it_and_for_how_long()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        await using DatagramSocket datagrams = await Selector.Udp().BindAsync("127.0.0.1", 0).Soon();
        using var end = new CancellationTokenSource();
        Task accepting = server.AcceptAsync(end.Token).AsTask();
        Task reading = client.OpenReadChannel().ReadLineAsync(end.Token).AsTask();
        await accepted.OpenWriteChannel(autoFlush: true).WriteAsync(new byte[7]).Soon();
        await Waiting.UntilAsync(() => Find(client.LocalEndPoint).WaitsSince > TimeSpan.FromMilliseconds(30));

        SelectorDescription description = Selector.Describe();

        Assert.That((description.Engine, description.SocketCount, description.Sockets.Count), Is.EqualTo((Engine, 4, 4)));
        SocketDescription listener = description.Sockets.Single(socket => socket.Kind == "listener");
        Assert.That((listener.LocalEndPoint, listener.RemoteEndPoint, listener.WaitsFor), Is.EqualTo((server.LocalEndPoint.ToString(), null as string, "connections")));
        SocketDescription waits = Find(client.LocalEndPoint);
        Assert.That((waits.WaitsFor, waits.RemoteEndPoint, waits.Tls), Is.EqualTo(("data", server.LocalEndPoint.ToString(), null as string)));
        SocketDescription idle = Find(server.LocalEndPoint, "connection");
        Assert.That((idle.WaitsFor, idle.BytesSent), Is.EqualTo((null as string, 7)));
        Assert.That(Find(datagrams.LocalEndPoint).Kind, Is.EqualTo("datagrams"));
        Assert.That(description.Loops, Has.Count.EqualTo(Engine == SelectorEngine.Epoll ? Environment.ProcessorCount : 0));
        Assert.That(description.Sockets.Select(socket => socket.Loop is not null), Has.All.EqualTo(Engine == SelectorEngine.Epoll));
        await end.CancelAsync();
        await Task.WhenAll(accepting, reading).OutcomeAsync();
    }

    [Test]
    public async Task It_is_told_as_text_and_as_json_and_of_as_many_as_were_asked_for()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await client.Output.WriteLineAsync("x").Soon();
        await server.Input.ReadLineAsync().Soon();

        string text = Selector.Describe().ToString();
        using JsonDocument json = JsonDocument.Parse(Selector.Describe(maxSockets: 1).ToJson());

        Assert.That(text, Does.Contain(client.Socket.LocalEndPoint.ToString()).And.Contain("Tls13").And.Contain("bytes in"));
        JsonElement root = json.RootElement;
        Assert.That(root.GetProperty("socketCount").GetInt32(), Is.EqualTo(2));
        Assert.That(root.GetProperty("sockets").GetArrayLength(), Is.EqualTo(1));
        Assert.That(root.GetProperty("sockets")[0].GetProperty("tls").GetString(), Is.EqualTo("Tls13"));
        Assert.That(Selector.Describe(maxSockets: 1).ToString(), Does.Contain("and 1 more"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Selector.Describe(-1));
        await Task.WhenAll(client.CloseAsync().AsTask(), server.CloseAsync().AsTask()).Soon();
    }

    [Test]
    public async Task It_can_be_asked_for_while_everything_changes()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        Task serving = server.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, cancellationToken: token).AsTask());
        using var over = new CancellationTokenSource();
        Task describing = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                Assert.That(Selector.Describe().ToJson(), Is.Not.Empty);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                await using StreamSocket socket = await Selector.Tcp().ConnectAsync(server.LocalEndPoint);
                Connection connection = socket.OpenConnection();
                await connection.Output.WriteLineAsync("x");
                await connection.Input.ReadLineAsync();
            }
        }))).Soon();
        await over.CancelAsync();
        await describing.Soon();
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
        Assert.That(Selector.Describe().SocketCount, Is.Zero);
    }

    private SocketDescription Find(EndPoint local, string? kind = null) => Selector.Describe().Sockets.Single(
        socket => socket.LocalEndPoint == local.ToString() && (kind is null || socket.Kind == kind));
}
