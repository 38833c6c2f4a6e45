using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Serving;

[Parallelizable(ParallelScope.All)]
public sealed partial class ServeTests(SelectorEngine engine) : LoggedFixture(engine)
{
    private readonly ObservedTime _time = new();

    [Test]
    public async Task What_a_handler_throws_is_logged_and_told_and_the_server_goes_on()
    {
        var told = new ConcurrentQueue<(EndPoint From, Exception Exception)>();
        var options = new ServeOptions { OnError = (connection, exception) => told.Enqueue((connection.Socket.RemoteEndPoint, exception)) };
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                string? line = await connection.Input.ReadLineAsync(token);
                await connection.Output.WriteLineAsync($"got {line}", token);
                throw new InvalidDataException(line);
            },
            options);

        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            await client.SendAsync("bad\n"u8.ToArray());

            // What it wrote before still arrives, and the connection ends in order.
            Assert.That(await client.ReadToEndAsync(), Is.EqualTo("got bad\r\n".Length));
            await Waiting.UntilAsync(() => told.Count == i + 1);
            Assert.That(told.Last().From, Is.EqualTo(client.LocalEndPoint));
        }

        Assert.That(told.Select(entry => entry.Exception.Message), Is.All.EqualTo("bad"));
        Assert.That(Logged.Entries.Count(entry => entry.Event == "HandlerFailed" && entry.Exception is InvalidDataException), Is.EqualTo(3));
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_handler_that_throws_before_its_first_await_harms_no_other()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync((_, _) => throw new InvalidDataException("at once"));

        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
        }

        await Waiting.UntilAsync(() => Logged.Count("HandlerFailed") == 3);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task An_OnError_that_throws_is_logged_and_the_server_goes_on()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            (_, _) => Task.FromException(new InvalidDataException("bad")),
            new ServeOptions { OnError = (_, _) => throw new NotSupportedException("worse") });

        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
        }

        await Waiting.UntilAsync(() => Logged.Entries.Count(entry => entry.Event == "OnErrorFailed" && entry.Exception is NotSupportedException) == 3);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_connection_is_closed_when_its_handler_ends()
    {
        var seen = new TaskCompletionSource<StreamSocket>();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            seen.SetResult(connection.Socket);
            await connection.Output.WriteStringAsync("bye", token);
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);

        Assert.That(await client.ReadToEndAsync(), Is.EqualTo(3));

        await (await seen.Task).Completion.Soon();
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task MaxConnections_holds_accepting_up_until_a_handler_ends()
    {
        const int max = 2;
        int running = 0;
        int most = 0;
        var arrived = new SemaphoreSlim(0);
        var leave = new SemaphoreSlim(0);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            async (_, token) =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                arrived.Release();
                await leave.WaitAsync(token);
                Interlocked.Decrement(ref running);
            },
            new ServeOptions { MaxConnections = max });

        var clients = new List<Socket>();
        for (int i = 0; i < 6; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.LocalEndPoint));
        }

        for (int i = 0; i < max; i++)
        {
            Assert.That(await arrived.WaitAsync(Patience), Is.True);
        }

        Assert.That(await arrived.WaitAsync(100), Is.False, "A third handler started.");
        for (int i = max; i < clients.Count; i++)
        {
            leave.Release();
            Assert.That(await arrived.WaitAsync(Patience), Is.True);
        }

        leave.Release(max);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
        Assert.That(most, Is.EqualTo(max));
        clients.ForEach(client => client.Dispose());
    }

    [Test]
    public async Task A_server_serves_once()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(EchoLineAsync);

        Assert.Throws<InvalidOperationException>(() => _ = server.ServeAsync(EchoLineAsync));

        await AssertEchoesAsync(server.LocalEndPoint);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
        Assert.CatchAsync<InvalidOperationException>(async () => await server.ServeAsync(EchoLineAsync));
    }

    [Test]
    public async Task Serving_beside_an_accept_is_refused_and_does_not_disturb_it()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        Assert.CatchAsync<InvalidOperationException>(async () => await server.ServeAsync(EchoLineAsync).Soon());

        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task What_the_caller_set_in_its_context_is_there_in_a_handler_and_what_a_handler_sets_is_nowhere_else()
    {
        var local = new AsyncLocal<string>();
        var seen = new ConcurrentQueue<string?>();
        await using SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1 });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        local.Value = "the caller's";
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            seen.Enqueue(local.Value);
            local.Value = "a handler's";
            await connection.Input.ReadLineAsync(token);
            local.Value = "a handler's again";
            await connection.Output.WriteLineAsync(local.Value, token);
        });
        local.Value = "changed";

        for (int i = 0; i < 5; i++)
        {
            await AssertAnswersAsync(server.LocalEndPoint, "a handler's again");
        }

        Assert.That(seen, Is.EqualTo(Enumerable.Repeat("the caller's", 5)));
        Assert.That(local.Value, Is.EqualTo("changed"));
    }

    [Test]
    public async Task What_a_handler_sets_stays_its_own_even_when_no_context_flows()
    {
        var local = new AsyncLocal<string>();
        var seen = new ConcurrentQueue<string?>();
        await using SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1 });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        Task serving;
        using (ExecutionContext.SuppressFlow())
        {
            serving = server.ServeAsync((connection, token) =>
            {
                seen.Enqueue(local.Value);
                local.Value = "a handler's";
                return EchoLineAsync(connection, token);
            });
        }

        for (int i = 0; i < 5; i++)
        {
            await AssertEchoesAsync(server.LocalEndPoint);
        }

        Assert.That(seen, Is.EqualTo(new string?[5]));
    }

    private static async Task EchoLineAsync(Connection connection, CancellationToken token)
    {
        while (await connection.Input.ReadLineAsync(token) is { } line)
        {
            await connection.Output.WriteLineAsync(line, token);
        }
    }

    private static Task AssertEchoesAsync(EndPoint server) => AssertAnswersAsync(server, "hello");

    private static async Task AssertAnswersAsync(EndPoint server, string answer)
    {
        using Socket client = await Peers.ConnectAsync(server);
        await client.SendAsync("hello\n"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.That(await client.ReadToEndAsync(), Is.EqualTo(answer.Length + 2));
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (int seen = most; now > seen; seen = most)
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private SelectorManager WithFakeTime() => CreateManager(new SelectorOptions { TimeProvider = _time, LoggerFactory = LoggerFactory });
}
