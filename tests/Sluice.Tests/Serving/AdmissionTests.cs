using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Sluice.Tests.Serving;

/// <summary>Which clients are served, and at how many listeners.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class AdmissionTests(SelectorEngine engine) : LoggedFixture(engine)
{
    [Test]
    public async Task One_address_gets_no_more_connections_than_it_may_have()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(EchoAsync, new ServeOptions { MaxConnectionsPerAddress = 2 });
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket second = await Peers.ConnectAsync(server.LocalEndPoint);
        await AssertServedAsync(first);
        await AssertServedAsync(second);

        await AssertRefusedAsync("127.0.0.1", server.LocalEndPoint);
        using Socket elsewhere = await Peers.ConnectAsync(server.LocalEndPoint, IPAddress.Parse("127.0.0.2"));
        await AssertServedAsync(elsewhere);

        // A client that leaves makes room, a moment after its socket is closed.
        first.Shutdown(SocketShutdown.Both);
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 3);
        using Socket again = await ConnectUntilServedAsync(server.LocalEndPoint);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_flood_of_refused_connections_keeps_no_other_from_being_served_and_leaves_nothing_behind()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(EchoAsync, new ServeOptions { MaxConnectionsPerAddress = 1 });
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        await AssertServedAsync(first);

        for (int i = 0; i < 300; i++)
        {
            await AssertRefusedAsync("127.0.0.1", server.LocalEndPoint);
        }

        using Socket elsewhere = await Peers.ConnectAsync(server.LocalEndPoint, IPAddress.Parse("127.0.0.2"));
        await AssertServedAsync(elsewhere);
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 3);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_limiter_refuses_what_it_does_not_queue()
    {
        await using var limiter = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = 3,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromHours(1),
            AutoReplenishment = false,
            QueueLimit = 0,
        });
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(EchoAsync, new ServeOptions { AcceptLimiter = limiter });
        for (int i = 0; i < 3; i++)
        {
            using Socket served = await Peers.ConnectAsync(server.LocalEndPoint);
            await AssertServedAsync(served);
        }

        await AssertRefusedAsync("127.0.0.1", server.LocalEndPoint);
        Assert.That(Logged.Count("ConnectionRefused"), Is.EqualTo(1));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_limiter_of_concurrency_counts_a_connection_until_it_ends()
    {
        await using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 10 });
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(EchoAsync, new ServeOptions { AcceptLimiter = limiter });
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        await AssertServedAsync(first);
        using Socket second = await Peers.ConnectAsync(server.LocalEndPoint);
        await second.SendAsync("x\n"u8.ToArray());
        await Waiting.UntilAsync(() => limiter.GetStatistics()!.CurrentQueuedCount == 1);

        first.Shutdown(SocketShutdown.Both);

        byte[] answer = new byte[3];
        Assert.That(await second.ReceiveAsync(answer).Soon(), Is.Positive);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_the_hook_refuses_or_fails_at_is_reset_and_its_handler_never_starts(bool throws)
    {
        var handled = new ConcurrentQueue<EndPoint>();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            (connection, token) =>
            {
                handled.Enqueue(connection.Socket.RemoteEndPoint);
                return EchoAsync(connection, token);
            },
            new ServeOptions
            {
                Admit = async (socket, _) =>
                {
                    await Task.Yield();
                    bool wanted = ((IPEndPoint)socket.RemoteEndPoint).Address.Equals(IPAddress.Loopback);
                    return wanted || (throws ? throw new InvalidOperationException("Who is that?") : false);
                },
            });

        await AssertRefusedAsync("127.0.0.2", server.LocalEndPoint);
        using Socket served = await Peers.ConnectAsync(server.LocalEndPoint);
        await AssertServedAsync(served);

        Assert.That(handled, Is.EqualTo(new[] { served.LocalEndPoint }));
        Assert.That(Logged.Count(throws ? "AdmitFailed" : "ConnectionRefused"), Is.EqualTo(1));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_hook_that_takes_its_time_holds_up_no_other_connection()
    {
        var readiness = new TaskCompletionSource<bool>();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        int asked = 0;
        Task serving = server.ServeAsync(EchoAsync, new ServeOptions
        {
            Admit = async (_, _) => Interlocked.Increment(ref asked) > 1 || await readiness.Task,
        });
        using Socket slow = await Peers.ConnectAsync(server.LocalEndPoint);
        await slow.SendAsync("x\n"u8.ToArray());
        await Waiting.UntilAsync(() => Volatile.Read(ref asked) == 1);

        using Socket fast = await Peers.ConnectAsync(server.LocalEndPoint);
        await AssertServedAsync(fast);

        readiness.SetResult(true);
        Assert.That(await slow.ReceiveAsync(new byte[3]).Soon(), Is.Positive);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task Several_listeners_serve_as_one_with_one_limit_and_one_drain()
    {
        ServerSocket[] servers = [await Selector.Tcp().BindAsync("127.0.0.1"), await Selector.Tcp().BindAsync("127.0.0.1")];
        var aborted = new ConcurrentQueue<EndPoint>();
        Task serving = servers.ServeAsync(EchoAsync, new ServeOptions
        {
            MaxConnections = 2,
            OnAborted = connection => aborted.Enqueue(connection.Socket.RemoteEndPoint),
        });
        using Socket first = await Peers.ConnectAsync(servers[0].LocalEndPoint);
        using Socket second = await Peers.ConnectAsync(servers[1].LocalEndPoint);
        await AssertServedAsync(first);
        await AssertServedAsync(second);
        using Socket third = await Peers.ConnectAsync(servers[0].LocalEndPoint);
        await third.SendAsync("x\n"u8.ToArray());
        Task<int> answered = third.ReceiveAsync(new byte[3]);

        // Waits out an answer that comes although there are two.
        await Task.Delay(50);
        Assert.That(answered.IsCompleted, Is.False, "There are two already.");

        second.Shutdown(SocketShutdown.Both);
        Assert.That(await answered.Soon(), Is.Positive);

        Assert.That(await servers.StopAsync(TimeSpan.FromMilliseconds(50)).Soon(), Is.EqualTo(2));
        await serving.Soon();
        Assert.That(aborted, Is.EquivalentTo(new[] { first.LocalEndPoint, third.LocalEndPoint }));
        await using ServerSocket again = await Selector.Tcp().BindAsync(servers[0].LocalEndPoint);
    }

    [Test]
    public async Task When_one_of_several_listeners_is_closed_the_others_go_on()
    {
        ServerSocket[] servers = [await Selector.Tcp().BindAsync("127.0.0.1"), await Selector.Tcp().BindAsync("127.0.0.1")];
        using var cancellation = new CancellationTokenSource();
        Task serving = servers.ServeAsync(EchoAsync, cancellationToken: cancellation.Token);

        await servers[0].DisposeAsync();

        using Socket client = await Peers.ConnectAsync(servers[1].LocalEndPoint);
        await AssertServedAsync(client);
        client.Shutdown(SocketShutdown.Both);
        await cancellation.CancelAsync();
        await serving.Soon();
        Assert.That(servers[1].IsClosed);
    }

    [Test]
    public async Task Listeners_that_serve_already_or_are_not_there_cannot_serve_together()
    {
        await using ServerSocket first = await Selector.Tcp().BindAsync("127.0.0.1");
        await using ServerSocket second = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = second.ServeAsync(EchoAsync);

        Assert.Throws<InvalidOperationException>(() => _ = new[] { first, second }.ServeAsync(EchoAsync));
        Assert.Throws<ArgumentException>(() => _ = Array.Empty<ServerSocket>().ServeAsync(EchoAsync));
        Assert.Throws<ArgumentException>(() => _ = new[] { first, first }.ServeAsync(EchoAsync));

        Task alone = first.ServeAsync(EchoAsync);
        await first.StopAsync(TimeSpan.Zero).Soon();
        await second.StopAsync(TimeSpan.Zero).Soon();
        await Task.WhenAll(serving, alone).Soon();
    }

    private static async Task EchoAsync(Connection connection, CancellationToken token)
    {
        while (await connection.Input.ReadLineAsync(token) is { } line)
        {
            await connection.Output.WriteLineAsync(line, token);
        }
    }

    private static async Task AssertServedAsync(Socket client)
    {
        await client.SendAsync("x\n"u8.ToArray()).Soon();
        Assert.That(await client.ReceiveAsync(new byte[3]).Soon(), Is.Positive);
    }

    private static async Task<Socket> ConnectUntilServedAsync(EndPoint to)
    {
        for (int left = 1000; ; left--)
        {
            Socket? client = null;
            try
            {
                client = await Peers.ConnectAsync(to);
                await AssertServedAsync(client);
                return client;
            }
            catch (SocketException) when (left > 0)
            {
                client?.Dispose();
                await Waiting.PauseAsync(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    private static async Task AssertRefusedAsync(string from, EndPoint to) =>
        Assert.That(await Peers.ConnectToEndAsync(to, IPAddress.Parse(from)), Is.EqualTo(SocketError.ConnectionReset));
}
