using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Serving;

[Parallelizable(ParallelScope.All)]
public sealed class ServeTests(SelectorEngine engine) : LoggedFixture(engine)
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
    public async Task Cancelling_frees_the_port_at_once_and_lets_handlers_finish()
    {
        using var cancellation = new CancellationTokenSource();
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var cut = new TaskCompletionSource<bool>();
        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                string? line = await connection.Input.ReadLineAsync(CancellationToken.None);
                await connection.Output.WriteLineAsync($"finished {line}", CancellationToken.None);
                cut.SetResult(token.IsCancellationRequested);
            },
            new ServeOptions { Grace = Patience },
            cancellation.Token);
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync("ha"u8.ToArray());
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 2);

        await cancellation.CancelAsync();
        Assert.That(server.IsClosed, Is.True);
        await server.Completion.Soon();
        await using (await Selector.Tcp().BindAsync("127.0.0.1", server.Port))
        {
            Assert.That(serving.IsCompleted, Is.False);
        }

        await client.SendAsync("lf\n"u8.ToArray());
        Assert.That(await client.ReadToEndAsync(), Is.EqualTo("finished half\r\n".Length));
        await serving.Soon();
        Assert.That(serving.IsCompletedSuccessfully, Is.True);
        Assert.That(await cut.Task, Is.False);
        Assert.That(Logged.Count("DrainCutShort"), Is.Zero);
    }

    [Test]
    public async Task What_is_left_when_the_grace_has_passed_is_aborted_and_its_token_cancelled()
    {
        await using SelectorManager selector = WithFakeTime();
        using var cancellation = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource<bool>();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                begun.SetResult();
                Exception? exception = await connection.Input.ReadLineAsync(CancellationToken.None).OutcomeAsync();
                ended.SetResult(exception is ObjectDisposedException && token.IsCancellationRequested);
            },
            new ServeOptions { Grace = TimeSpan.FromSeconds(5) },
            cancellation.Token);
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();

        await cancellation.CancelAsync();
        await Waiting.UntilAsync(() => _time.Timers > 0);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(ended.Task.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.That(await ended.Task.Soon(), Is.True);
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        await serving.Soon();
        Assert.That(Logged.Count("DrainCutShort"), Is.EqualTo(1));
        Assert.That(Logged.Count("HandlerFailed"), Is.Zero);
    }

    [Test]
    public async Task A_handler_that_heeds_its_token_ends_with_it_and_is_no_failure()
    {
        using var cancellation = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            async (_, token) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
            new ServeOptions { Grace = TimeSpan.Zero },
            cancellation.Token);
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();

        await cancellation.CancelAsync();

        await serving.Soon();
        Assert.That(Logged.Count("HandlerFailed"), Is.Zero);
        Assert.That(await client.EndAsync(), Is.AnyOf(SocketError.Success, SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_token_that_is_cancelled_beforehand_serves_no_connection()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        await server.ServeAsync((_, _) => throw new InvalidOperationException("Served."), cancellationToken: new CancellationToken(canceled: true)).Soon();

        Assert.That(server.IsClosed, Is.True);
    }

    // At the limit of connections, the server waits for a handler and not for a connection when it is stopped.
    [TestCase(int.MaxValue)]
    [TestCase(1)]
    public async Task StopAsync_with_no_grace_aborts_at_once(int maxConnections)
    {
        await using SelectorManager selector = WithFakeTime();
        var begun = new TaskCompletionSource();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            (connection, token) =>
            {
                begun.SetResult();
                return connection.Input.ReadLineAsync(CancellationToken.None).AsTask();
            },
            new ServeOptions { MaxConnections = maxConnections, Grace = TimeSpan.FromHours(1) });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();

        await server.StopAsync(TimeSpan.Zero).Soon();

        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        await serving.Soon();
    }

    [TestCase(int.MaxValue)]
    [TestCase(1)]
    public async Task StopAsync_with_infinite_grace_waits_for_as_long_as_handlers_like(int maxConnections)
    {
        await using SelectorManager selector = WithFakeTime();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var begun = new TaskCompletionSource();
        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                begun.SetResult();
                await connection.Output.WriteLineAsync($"got {await connection.Input.ReadLineAsync(token)}", token);
            },
            new ServeOptions { MaxConnections = maxConnections, Grace = TimeSpan.Zero });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();

        Task stopping = server.StopAsync(Timeout.InfiniteTimeSpan);
        Assert.That(server.IsClosed, Is.True);
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromHours(1));

            // What the clock sets off runs on other threads.
            await Task.Delay(1);
        }

        Assert.That(stopping.IsCompleted, Is.False);
        await client.SendAsync("it\n"u8.ToArray());
        Assert.That(await client.ReadToEndAsync(), Is.EqualTo("got it\r\n".Length));
        await stopping.Soon();
        await serving.Soon();
    }

    [Test]
    public async Task The_token_of_StopAsync_cuts_the_grace_short()
    {
        (ServerSocket server, Task serving, Socket client) = await ServeAReadThatWaitsAsync();
        using Socket closing = client;
        using var cancellation = new CancellationTokenSource();

        Task stopping = server.StopAsync(Timeout.InfiniteTimeSpan, cancellation.Token);
        Assert.That(stopping.IsCompleted, Is.False);
        await cancellation.CancelAsync();

        await stopping.Soon();
        await serving.Soon();
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_second_stop_with_less_grace_does_not_wait_for_the_first()
    {
        (ServerSocket server, Task serving, Socket client) = await ServeAReadThatWaitsAsync();
        using Socket closing = client;

        Task patient = server.StopAsync(Timeout.InfiniteTimeSpan);
        await server.StopAsync(TimeSpan.Zero).Soon();

        await patient.Soon();
        await serving.Soon();
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task StopAsync_without_ServeAsync_closes()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task accepting = server.AcceptAsync().AsTask();

        await server.StopAsync(Patience).Soon();

        Assert.That(await accepting.OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        Assert.Throws<ObjectDisposedException>(() => _ = server.ServeAsync((_, _) => Task.CompletedTask));
        Assert.CatchAsync<ArgumentException>(async () => await server.StopAsync(TimeSpan.FromSeconds(-2)));
    }

    [Test]
    public async Task A_handler_that_ignores_everything_is_left_behind()
    {
        await using SelectorManager selector = WithFakeTime();
        var begun = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync((_, _) =>
        {
            begun.SetResult();
            return never.Task;
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();

        Task stopping = server.StopAsync(TimeSpan.Zero);
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        await Waiting.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return stopping.IsCompleted;
        });

        await serving.Soon();
        Assert.That(Logged.Count("HandlersLeftBehind"), Is.EqualTo(1));
        never.SetResult();
    }

    [Test]
    public async Task A_callback_on_a_handlers_token_that_throws_keeps_no_server_from_stopping()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var begun = new TaskCompletionSource();
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            // Not taken back when the handler ends, which may be before it is called.
            _ = token.Register(() => throw new NotSupportedException("thrown by a callback"));
            begun.SetResult();
            await connection.Input.ReadLineAsync(CancellationToken.None);
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();

        await server.StopAsync(TimeSpan.Zero).Soon();

        await serving.Soon();
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        await Waiting.UntilAsync(() => Logged.Count("CancellationFailed") == 1);
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

    /// <summary>A server whose handler reads, and heeds no token; the client says nothing.</summary>
    private async Task<(ServerSocket Server, Task Serving, Socket Client)> ServeAReadThatWaitsAsync()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var begun = new TaskCompletionSource();
        Task serving = server.ServeAsync((connection, _) =>
        {
            begun.SetResult();
            return connection.Input.ReadLineAsync(CancellationToken.None).AsTask();
        });
        Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await begun.Task.Soon();
        return (server, serving, client);
    }

    private SelectorManager WithFakeTime() => CreateManager(new SelectorOptions { TimeProvider = _time, LoggerFactory = LoggerFactory });
}
