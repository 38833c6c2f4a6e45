using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sluice.Tests.Serving;

/// <summary>How a server stops whose handlers are written as README shows it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class GracefulStopTests(SelectorEngine engine) : LoggedFixture(engine)
{
    [Test]
    public async Task An_idle_server_stops_at_once_and_its_clients_see_the_end_of_the_stream([Values] bool byToken)
    {
        using var stop = new CancellationTokenSource();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync(EchoLinesAsync, new ServeOptions { Grace = Timeout.InfiniteTimeSpan }, stop.Token);
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EchoedClientAsync(server.LocalEndPoint)));

        if (byToken)
        {
            await stop.CancelAsync();
        }
        else
        {
            Assert.That(await server.StopAsync(Timeout.InfiniteTimeSpan).Soon(), Is.Zero);
        }

        await serving.Soon();
        foreach (Socket client in clients)
        {
            Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
            client.Dispose();
        }

        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Debug || entry.Event == "ConnectionFailed"), Is.Empty);
    }

    [Test]
    public async Task A_line_in_work_is_answered_before_the_end_of_the_stream()
    {
        var working = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync(async (connection, cancellationToken) =>
        {
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                working.SetResult();
                await answer.Task;
                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync("slow\n"u8.ToArray());
        await working.Task.Soon();

        Task<int> stopping = server.StopAsync(Timeout.InfiniteTimeSpan);
        await server.Completion.Soon();
        Assert.That(stopping.IsCompleted, Is.False);
        answer.SetResult();

        Assert.That(await client.ReadToEndAsync(), Is.EqualTo("slow\r\n".Length));
        Assert.That(await stopping.Soon(), Is.Zero);
        await serving.Soon();
    }

    [Test]
    public async Task One_token_serves_all_connections_of_a_server_and_survives_the_beginning_of_TLS()
    {
        var tokens = new ConcurrentQueue<CancellationToken>();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync(async (connection, cancellationToken) =>
        {
            tokens.Enqueue(connection.Stopping);
            Connection secured = await connection.UpgradeToTlsServerAsync(
                Serving(), null, cancellationToken);
            tokens.Enqueue(secured.Stopping);
            await EchoLinesAsync(secured, cancellationToken);
        });
        for (int i = 0; i < 2; i++)
        {
            StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            Connection secured = await client.OpenConnection().UpgradeToTlsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate()).Soon();
            Assert.That(secured.Stopping.CanBeCanceled, Is.False);
        }

        await Waiting.UntilAsync(() => tokens.Count == 4);
        Assert.That(tokens.Distinct().Count(), Is.EqualTo(1));
        await server.StopAsync(Timeout.InfiniteTimeSpan).Soon();
        await serving.Soon();
        Assert.That(tokens.First().IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task What_has_come_before_the_server_stops_is_served_and_never_reset([Values("tcp", "several", "unix", "tls")] string kind)
    {
        using var folder = new TemporaryFolder();
        for (int round = 0; round < 10; round++)
        {
            List<ServerSocket> servers = kind == "unix"
                ? [await Selector.Unix().BindAsync(folder.PathOf($"s{round}")).Soon()]
                : [await Selector.Tcp().BindAsync("127.0.0.1").Soon()];
            if (kind == "several")
            {
                servers.Add(await Selector.Tcp().BindAsync("127.0.0.1").Soon());
            }

            if (kind == "tls")
            {
                servers[0].UseTls(ServerCertificate);
            }

            Task serving = servers.ServeAsync(GreetAsync, new ServeOptions { Grace = Timeout.InfiniteTimeSpan });
            var clients = new List<Socket>();
            for (int i = 0; i < 20; i++)
            {
                EndPoint endPoint = servers[i % servers.Count].LocalEndPoint;
                var client = new Socket(endPoint.AddressFamily, SocketType.Stream, kind == "unix" ? ProtocolType.Unspecified : ProtocolType.Tcp);
                client.Connect(endPoint);
                clients.Add(client);
            }

            Task<int> stopping = servers.StopAsync(Timeout.InfiniteTimeSpan);
            foreach (Socket client in clients)
            {
                await using Stream stream = await OpenAsync(client, kind == "tls");
                using var reader = new StreamReader(stream);
                Assert.That(await reader.ReadToEndAsync().Soon(), Is.EqualTo("welcome\r\n"));
            }

            Assert.That(await stopping.Soon(), Is.Zero);
            await serving.Soon();
        }
    }

    [Test]
    public async Task What_is_beyond_the_limit_when_the_server_stops_is_closed_in_order([Values] bool several)
    {
        var leave = new TaskCompletionSource();
        List<ServerSocket> servers = [await Selector.Tcp().BindAsync("127.0.0.1").Soon()];
        if (several)
        {
            servers.Add(await Selector.Tcp().BindAsync("127.0.0.1").Soon());
        }

        int served = 0;
        Task serving = servers.ServeAsync(
            (_, _) =>
            {
                Interlocked.Increment(ref served);
                return leave.Task;
            },
            new ServeOptions { MaxConnections = 1 });
        var clients = new List<Socket>();
        for (int i = 0; i < 10; i++)
        {
            clients.Add(await Peers.ConnectAsync(servers[i % servers.Count].LocalEndPoint));
        }

        await Waiting.UntilAsync(() => Volatile.Read(ref served) == 1);

        Task<int> stopping = servers.StopAsync(Timeout.InfiniteTimeSpan);
        await Task.WhenAll(servers.Select(server => server.Completion)).Soon();
        Assert.That(stopping.IsCompleted, Is.False);
        leave.SetResult();

        foreach (Socket client in clients)
        {
            Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
            client.Dispose();
        }

        Assert.That(await stopping.Soon(), Is.Zero);
        await serving.Soon();
        Assert.That(served, Is.EqualTo(1));
    }

    [Test]
    public async Task A_listener_that_is_stopped_alone_leaves_the_others_and_the_handlers_alone()
    {
        ServerSocket[] servers = [await Selector.Tcp().BindAsync("127.0.0.1").Soon(), await Selector.Tcp().BindAsync("127.0.0.1").Soon()];
        Task serving = servers.ServeAsync(EchoLinesAsync, new ServeOptions { Grace = Timeout.InfiniteTimeSpan });
        using Socket first = await EchoedClientAsync(servers[0].LocalEndPoint);

        Assert.That(await servers[0].StopAsync(Timeout.InfiniteTimeSpan).Soon(), Is.Zero);

        Assert.That(servers[0].Completion.IsCompleted, Is.True);
        using Socket second = await EchoedClientAsync(servers[1].LocalEndPoint);
        await EchoAsync(first);
        Assert.That(await servers[1].StopAsync(Timeout.InfiniteTimeSpan).Soon(), Is.Zero);
        await serving.Soon();
        Assert.That(await first.EndAsync(), Is.EqualTo(SocketError.Success));
        Assert.That(await second.EndAsync(), Is.EqualTo(SocketError.Success));
    }

    [Test]
    public async Task A_handshake_that_never_ends_holds_a_stop_up_no_longer_than_the_grace()
    {
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1").Soon())
            .UseTls(ServerCertificate, new TlsOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan });
        Task serving = server.ServeAsync(EchoLinesAsync);
        using Socket silent = await Peers.ConnectAsync(server.LocalEndPoint);
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 2);

        Assert.That(await server.StopAsync(TimeSpan.FromMilliseconds(50)).Soon(), Is.Zero);

        await serving.Soon();
        Assert.That(await silent.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_handler_may_wait_for_its_own_server_to_stop([Values(1, 3)] int handlers, [Values] bool flows, [Values] bool blocking)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task Serve() => server.ServeAsync(
            async (connection, cancellationToken) =>
            {
                if (await connection.Input.ReadLineAsync(connection.Stopping) == "stop")
                {
                    await Task.Delay(1, CancellationToken.None);
                    await Task.Run(() => server.StopAsync(Timeout.InfiniteTimeSpan, CancellationToken.None), CancellationToken.None);
                    if (blocking)
                    {
                        server.StopAsync(Timeout.InfiniteTimeSpan, CancellationToken.None).GetAwaiter().GetResult();
                    }

                    await connection.Output.WriteLineAsync("stopped", cancellationToken);
                }
            },
            new ServeOptions { Grace = Timeout.InfiniteTimeSpan });
        Task serving;
        if (flows)
        {
            serving = Serve();
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                serving = Serve();
            }
        }

        using Socket idle = await Peers.ConnectAsync(server.LocalEndPoint);
        var clients = new List<Socket>();
        for (int i = 0; i < handlers; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.LocalEndPoint));
        }

        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == handlers + 2);
        foreach (Socket client in clients)
        {
            await client.SendAsync("stop\n"u8.ToArray());
        }

        Assert.That(await idle.EndAsync(), Is.EqualTo(SocketError.Success));
        long answered = 0;
        foreach (Socket client in clients)
        {
            answered += await client.ReadToEndAsync();
            client.Dispose();
        }

        // One whose line had not come before the first one stopped the server has no answer, and is not reset either.
        Assert.That(answered, Is.AtLeast("stopped\r\n".Length));
        await serving.Soon();
    }

    [Test]
    public async Task A_handler_may_dispose_of_its_server_and_of_the_manager([Values] bool manager, [Values] bool blocking)
    {
        await using SelectorManager selector = CreateManager();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(async (connection, _) =>
        {
            await connection.Input.ReadLineAsync(CancellationToken.None);
            IAsyncDisposable what = manager ? selector : server;
            if (blocking)
            {
                what.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
            else
            {
                await what.DisposeAsync();
            }

            disposed.SetResult();
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync("go\n"u8.ToArray());

        await disposed.Task.Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_server_that_is_handed_over_tells_its_handlers()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Handing over needs Linux.");
        }

        using var folder = new TemporaryFolder();
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync(EchoLinesAsync, new ServeOptions { Grace = Timeout.InfiniteTimeSpan });
        using Socket client = await EchoedClientAsync(server.LocalEndPoint);

        Task handing = server.HandOverAsync(folder.PathOf("door"));
        ServerSocket? successor = null;
        await Waiting.UntilAsync(() => File.Exists(folder.PathOf("door")));
        successor = await Selector.TakeOverAsync(folder.PathOf("door")).Soon();
        await handing.Soon();

        await serving.Soon();
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
        await successor.DisposeAsync();
    }

    private static async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task GreetAsync(Connection connection, CancellationToken cancellationToken)
    {
        await connection.Output.WriteLineAsync("welcome", cancellationToken);
        await connection.Input.ReadLineAsync(connection.Stopping);
    }

    private static async Task<Socket> EchoedClientAsync(EndPoint server)
    {
        Socket client = await Peers.ConnectAsync(server);
        await EchoAsync(client);
        return client;
    }

    private static async Task EchoAsync(Socket client)
    {
        await client.SendAsync("x\n"u8.ToArray());
        byte[] answer = new byte[3];
        for (int count = 0; count < answer.Length;)
        {
            count += await client.ReceiveAsync(answer.AsMemory(count)).Soon();
        }
    }

    private static async Task<Stream> OpenAsync(Socket client, bool tls)
    {
        var plain = new NetworkStream(client, ownsSocket: true);
        if (!tls)
        {
            return plain;
        }

#pragma warning disable CA5359 // The certificate is not what this tests.
        var secured = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secured.AuthenticateAsClientAsync("localhost").Soon();
        return secured;
    }
}
