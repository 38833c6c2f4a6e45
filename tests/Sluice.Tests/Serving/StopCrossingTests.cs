using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Sluice.Tests.Serving;

/// <summary>A stop meets whatever else goes on: every kind of listener, handlers of every habit, other stops.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class StopCrossingTests(SelectorEngine engine) : LoggedFixture(engine)
{
    private readonly TemporaryFolder _folder = new();

    [TearDown]
    public void DisposeFolder() => _folder.Dispose();

    [Test]
    public async Task A_request_that_has_come_before_the_server_stops_is_answered(
        [Values("tcp", "unix", "tls", "localhost", "proxy", "several")] string kind, [Values] bool waits)
    {
        List<ServerSocket> servers = await BindAsync(kind);
        Task serving = servers.ServeAsync(EchoLinesAsync, new ServeOptions { Grace = Timeout.InfiniteTimeSpan });
        var clients = new List<Stream>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await OpenAsync(servers, i, kind, begins: waits));
            if (waits)
            {
                await clients[i].WriteAsync("first\n"u8.ToArray());
                Assert.That(await ReadAsync(clients[i], 7), Is.EqualTo("first\r\n"));
            }
        }

        if (kind != "tls" || waits)
        {
            foreach (Stream client in clients)
            {
                await client.WriteAsync("last\n"u8.ToArray());
            }
        }

        Task<int> stopping = servers.StopAsync(Timeout.InfiniteTimeSpan);
        foreach (Stream client in clients)
        {
            if (kind == "tls" && !waits)
            {
                await ((SslStream)client).AuthenticateAsClientAsync("localhost").Soon();
                continue;
            }

            Assert.That(await ReadAsync(client, 1000), Is.EqualTo("last\r\n"));
        }

        foreach (Stream client in clients)
        {
            await ReadAsync(client, 1000);
            await client.DisposeAsync();
        }

        Assert.That(await stopping.Soon(), Is.Zero);
        await serving.Soon();
        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Information), Is.Empty);
    }

    [Test]
    public async Task Requests_that_came_together_are_answered_before_the_server_stops()
    {
        List<ServerSocket> servers = await BindAsync("tcp");
        var working = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        Task serving = servers.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                working.TrySetResult();
                await go.Task;
                await connection.Output.WriteLineAsync(line, token);
            }
        });
        Stream client = await OpenAsync(servers, 0, "tcp", begins: true);
        await client.WriteAsync("a\nb\nc\n"u8.ToArray());
        await working.Task.Soon();
        Task<int> stopping = servers.StopAsync(Timeout.InfiniteTimeSpan);
        await servers[0].Completion.Soon();
        go.SetResult();

        Assert.That(await ReadAsync(client, 1000), Is.EqualTo("a\r\nb\r\nc\r\n"));
        Assert.That(await stopping.Soon(), Is.Zero);
        await serving.Soon();
        await client.DisposeAsync();
    }

    [Test]
    public async Task In_memory_what_has_come_is_read_with_the_token_that_says_stop_and_then_no_more([Values] bool waits, [Values] bool pipe)
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair();
        using var stop = new CancellationTokenSource();
        first.Stopping = stop.Token;
        Task<string?> waiting = waits ? first.Input.ReadLineAsync(first.Stopping).AsTask() : Task.FromResult<string?>(null);
        if (!waits)
        {
            await second.Output.WriteAsync("a\nb\n"u8.ToArray());
            await second.Output.FlushAsync();
        }

        await stop.CancelAsync();

        if (waits)
        {
            Assert.That(await waiting.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        }
        else if (pipe)
        {
            System.IO.Pipelines.ReadResult result = await first.Input.AsPipeReader().ReadAsync(first.Stopping);
            Assert.That(result.Buffer.Length, Is.EqualTo(4));
            first.Input.AsPipeReader().AdvanceTo(result.Buffer.End);
        }
        else
        {
            Assert.That(await first.Input.ReadLineAsync(first.Stopping).Soon(), Is.EqualTo("a"));
            Assert.That(await first.Input.AsCounted().ReadLineAsync(first.Stopping).Soon(), Is.EqualTo("b"));
        }

        var failure = Assert.CatchAsync<OperationCanceledException>(() => first.Input.ReadLineAsync(first.Stopping).AsTask().Soon())!;
        Assert.That(failure.CancellationToken, Is.EqualTo(stop.Token));
        Assert.CatchAsync<OperationCanceledException>(() => first.Input.ReadAsync(new byte[1], first.Stopping).AsTask().Soon());
        Assert.CatchAsync<OperationCanceledException>(() => first.Input.ReadExactlyAsync(new byte[1], first.Stopping).AsTask().Soon());
        Assert.CatchAsync<OperationCanceledException>(() => first.Input.AsPipeReader().ReadAsync(first.Stopping).AsTask().Soon());
        await second.Output.WriteLineAsync("later");
        Assert.That(await first.Input.ReadLineAsync().Soon(), Is.EqualTo("later"));
    }

    [Test]
    public async Task A_client_that_never_pauses_does_not_hold_a_stop_up()
    {
        List<ServerSocket> servers = await BindAsync("tcp");
        Task serving = servers.ServeAsync(EchoLinesAsync);
        Stream client = await OpenAsync(servers, 0, "tcp", begins: true);
        using var enough = new CancellationTokenSource();
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("line\n", 1000)));
        Task flooding = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await client.WriteAsync(lines);
            }
        });
        long answered = 0;
        Task reading = Task.Run(async () =>
        {
            byte[] buffer = new byte[10_000];
            while (await client.ReadAsync(buffer) is > 0 and var read)
            {
                Interlocked.Add(ref answered, read);
            }
        });
        await Waiting.UntilAsync(() => Interlocked.Read(ref answered) > 10 * lines.Length);

        Assert.That(await servers.StopAsync(Timeout.InfiniteTimeSpan).Soon(), Is.Zero);

        await enough.CancelAsync();
        await serving.Soon();
        await flooding.OutcomeAsync();
        await reading.OutcomeAsync();
        await client.DisposeAsync();
    }

    [Test]
    public async Task Stops_that_meet_all_end([Values] bool token)
    {
        using var stop = new CancellationTokenSource();
        List<ServerSocket> servers = await BindAsync("several");
        var leave = new TaskCompletionSource();
        Task serving = servers.ServeAsync((_, _) => leave.Task, new ServeOptions { Grace = Timeout.InfiniteTimeSpan }, stop.Token);
        Stream client = await OpenAsync(servers, 0, "tcp", begins: true);
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 3);
        if (token)
        {
            stop.Cancel();
        }

        Task<int>[] stops = [.. Enumerable.Range(0, 5).Select(_ => Task.Run(() => servers.StopAsync(Timeout.InfiniteTimeSpan)))];

        // Waits out the way to where the five wait: nothing shows it.
        await Task.Delay(20);
        Task<int> impatient = servers.StopAsync(TimeSpan.Zero);
        Assert.That(await impatient.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(1));
        leave.TrySetResult();
        Assert.That(await Task.WhenAll(stops).Soon(), Is.All.EqualTo(1));
        await serving.Soon();
        Assert.That(await servers.StopAsync(TimeSpan.Zero).Soon(), Is.EqualTo(1).Or.Zero);
        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Warning || entry.Exception is not null), Is.Empty);
        await client.DisposeAsync();
    }

    [Test]
    public async Task A_handler_of_any_habit_is_ended_by_the_grace(
        [Values("ignores", "foreign", "goes on", "blocks", "own", "throws")] string habit)
    {
        List<ServerSocket> servers = await BindAsync("tcp");
        using var own = new CancellationTokenSource();
        var errors = new List<Exception>();
        Task serving = servers.ServeAsync(
            async (connection, token) =>
            {
                switch (habit)
                {
                    case "ignores":
                        await connection.Input.ReadLineAsync(CancellationToken.None);
                        break;
                    case "foreign":
                        await using (connection.Stopping.Register(own.Cancel))
                        {
                            await connection.Input.ReadLineAsync(own.Token);
                        }

                        break;
                    case "goes on":
                        while (true)
                        {
                            try
                            {
                                await connection.Input.ReadLineAsync(connection.Stopping);
                            }
                            catch (OperationCanceledException)
                            {
                                // It goes on, and does not spin.
                                await Task.Delay(1, token);
                            }
                        }

                    case "blocks":
                        token.WaitHandle.WaitOne();
                        break;
                    case "own":
                        await connection.Input.ReadLineAsync(connection.Stopping);
                        break;
                    default:
                        connection.Stopping.Register(() => throw new InvalidOperationException("a callback"));
                        await connection.Input.ReadLineAsync(token);
                        break;
                }
            },
            new ServeOptions { OnError = (_, exception) => errors.Add(exception) });
        Stream client = await OpenAsync(servers, 0, "tcp", begins: true);
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 2);

        // Waits out the way to where the handler waits: nothing shows it.
        await Task.Delay(30);

        await servers.StopAsync(TimeSpan.FromMilliseconds(200)).Soon();
        await serving.Soon();

        Assert.That(errors, Is.Empty);
        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Warning && entry.Event != "CancellationFailed"), Is.Empty);
        await client.DisposeAsync();
    }

    [Test]
    public async Task The_token_of_a_stop_ends_the_grace_while_it_lasts()
    {
        List<ServerSocket> servers = await BindAsync("tls");
        Task serving = servers.ServeAsync(async (connection, token) => await connection.Input.ReadLineAsync(token));
        Stream client = await OpenAsync(servers, 0, "tls", begins: true);
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 2);
        using var hurry = new CancellationTokenSource(100);
        await servers.StopAsync(Timeout.InfiniteTimeSpan, hurry.Token).Soon();
        await serving.Soon();
        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Warning), Is.Empty);
        await client.DisposeAsync();
    }

    [Test]
    public async Task Enumerating_what_comes_ends_with_a_stop_and_loses_nothing([Values("tcp", "tls", "localhost")] string kind)
    {
        List<ServerSocket> servers = await BindAsync(kind);
        Task<int> counting = Task.Run(async () =>
        {
            int count = 0;
            await foreach (StreamSocket socket in servers[0].AcceptAllAsync())
            {
                count++;
                await socket.DisposeAsync();
            }

            return count;
        });
        Stream client = await OpenAsync(servers, 0, kind, begins: true);
        await ReadAsync(client, 10);
        await servers[0].StopAsync(TimeSpan.FromSeconds(1)).Soon();
        Assert.That(await counting.Soon(), Is.EqualTo(1));
        await client.DisposeAsync();
    }

    [Test]
    public async Task An_accept_that_a_close_ends_says_what_closed_the_listener(
        [Values("tcp", "localhost", "tls", "proxy", "unix")] string kind, [Values("dispose", "stop", "manager")] string how)
    {
        await using SelectorManager selector = CreateManager();
        List<ServerSocket> servers = await BindAsync(kind, selector);
        Task<StreamSocket> accepting = servers[0].AcceptAsync().AsTask();

        // Waits out the way to where the accept waits: nothing shows it.
        await Task.Delay(20);
        string message = "";
        switch (how)
        {
            case "dispose":
                await servers[0].DisposeAsync();
                message = "closed by";
                break;
            case "stop":
                await servers[0].StopAsync(TimeSpan.Zero).Soon();
                message = "was stopped";
                break;
            default:
                await selector.DisposeAsync();
                message = "SelectorManager was disposed";
                break;
        }

        Exception? failure = await accepting.OutcomeAsync();
        Exception? again = await servers[0].AcceptAsync().OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<ObjectDisposedException>().With.Message.Contains(message));
        Assert.That(again, Is.InstanceOf<ObjectDisposedException>().With.Message.Contains(message));
    }

    private async Task<List<ServerSocket>> BindAsync(string kind, SelectorManager? selector = null)
    {
        selector ??= Selector;
        switch (kind)
        {
            case "unix":
                return [await selector.Unix().BindAsync(_folder.PathOf("s")).Soon()];
            case "localhost":
                return [await selector.Tcp().BindAsync("localhost").Soon()];
            case "proxy":
                return [await selector.Tcp().BindAsync("127.0.0.1", 0, options =>
                    options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } }).Soon()];
            case "several":
                return [await selector.Tcp().BindAsync("127.0.0.1").Soon(), await selector.Tcp().BindAsync("127.0.0.1").Soon()];
            case "tls":
                ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
                return [server.UseTls(ServerCertificate)];
            default:
                return [await selector.Tcp().BindAsync("127.0.0.1").Soon()];
        }
    }

    private static async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task<Stream> OpenAsync(List<ServerSocket> servers, int number, string kind, bool begins)
    {
        ServerSocket server = servers[number % servers.Count];
        EndPoint endPoint = server.LocalEndPoints[number % server.LocalEndPoints.Count];
        var client = new Socket(endPoint.AddressFamily, SocketType.Stream, kind == "unix" ? ProtocolType.Unspecified : ProtocolType.Tcp);
        client.Connect(endPoint);
        var plain = new NetworkStream(client, ownsSocket: true);
        if (kind == "proxy")
        {
            await plain.WriteAsync("PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n"u8.ToArray());
        }

        if (kind != "tls")
        {
            return plain;
        }

#pragma warning disable CA5359 // The certificate is not what this tests.
        var secured = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        if (begins)
        {
            await secured.AuthenticateAsClientAsync("localhost").Soon();
        }

        return secured;
    }

    // Until so much has come, or the end of the stream.
    private static async Task<string> ReadAsync(Stream stream, int most)
    {
        byte[] buffer = new byte[most];
        return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, most, throwOnEndOfStream: false).AsTask().Soon());
    }
}
