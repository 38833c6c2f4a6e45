using System.Net.Sockets;

namespace Sluice.Tests.Serving;

// How a server stops.
public sealed partial class ServeTests
{
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
}
