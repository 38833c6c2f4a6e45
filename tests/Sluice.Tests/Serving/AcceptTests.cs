using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Tests.Serving;

[Parallelizable(ParallelScope.All)]
public sealed class AcceptTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_pending_accept_ends_with_ObjectDisposedException_when_the_server_closes_at_once()
    {
        for (int i = 0; i < 200; i++)
        {
            ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
            Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

            await server.DisposeAsync();

            Assert.That(await accepting.OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
            Assert.That(server.Completion.IsCompleted, Is.True);
            Assert.That(server.IsClosed, Is.True);
        }
    }

    [Test]
    public async Task A_pending_accept_ends_with_ObjectDisposedException_when_the_server_closes_later()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        // Waits out the way of the loop to sleep.
        await Task.Delay(100);
        Assert.That(accepting.IsCompleted, Is.False);
        await server.DisposeAsync();

        Assert.That(await accepting.OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task An_accept_on_a_closed_server_is_refused()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        await server.DisposeAsync();
        await server.DisposeAsync();

        Assert.ThrowsAsync<ObjectDisposedException>(async () => await server.AcceptAsync().Soon());
    }

    [Test]
    public async Task A_second_accept_at_once_is_refused_and_does_not_disturb_the_first()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> first = server.AcceptAsync().AsTask();

        Assert.ThrowsAsync<InvalidOperationException>(async () => await server.AcceptAsync().Soon());

        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket accepted = await first.Soon();
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task A_cancelled_accept_loses_no_connection()
    {
        const int count = 300;
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var clients = new HashSet<EndPoint>();
        var accepted = new HashSet<EndPoint>();
        var open = new List<IDisposable>();

        for (int i = 0; i < count; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<StreamSocket> accepting = server.AcceptAsync(cancellation.Token).AsTask();
            Task cancelling = i % 2 == 0 ? Task.Run(cancellation.Cancel) : Task.CompletedTask;
            Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            open.Add(client);
            clients.Add(client.LocalEndPoint!);
            await cancelling;
            await cancellation.CancelAsync();
            switch (await accepting.OutcomeAsync())
            {
                case null:
                    accepted.Add((await accepting).RemoteEndPoint);
                    break;
                case var outcome:
                    Assert.That(outcome, Is.InstanceOf<OperationCanceledException>());
                    break;
            }
        }

        while (accepted.Count < count)
        {
            accepted.Add((await server.AcceptAsync().Soon()).RemoteEndPoint);
        }

        Assert.That(accepted, Is.EquivalentTo(clients));
        open.ForEach(socket => socket.Dispose());
    }

    [Test]
    public async Task A_token_that_is_cancelled_beforehand_accepts_nothing()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        var cancelled = new CancellationToken(canceled: true);

        OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await server.AcceptAsync(cancelled).Soon())!;

        Assert.That(exception.CancellationToken, Is.EqualTo(cancelled));
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task AcceptAllAsync_gives_each_connection_and_ends_when_the_server_closes()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var clients = new List<Socket>();
        for (int i = 0; i < 3; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.LocalEndPoint));
        }

        var accepted = new List<EndPoint>();
        await foreach (StreamSocket socket in server.AcceptAllAsync())
        {
            accepted.Add(socket.RemoteEndPoint);
            if (accepted.Count == 3)
            {
                _ = Task.Run(async () => await server.DisposeAsync());
            }
        }

        Assert.That(accepted, Is.EqualTo(clients.Select(client => client.LocalEndPoint!)));
        clients.ForEach(client => client.Dispose());
    }

    [Test]
    public async Task AcceptAllAsync_ends_without_an_error_however_the_close_falls()
    {
        for (int i = 0; i < 500; i++)
        {
            ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
            IAsyncEnumerator<StreamSocket> accepted = server.AcceptAllAsync().GetAsyncEnumerator();
            Task<bool> moving = accepted.MoveNextAsync().AsTask();

            Task closing = Task.Run(async () => await server.DisposeAsync());

            Assert.That(await moving.Soon(), Is.False);
            await closing;
        }
    }

    [Test]
    public async Task AcceptAllAsync_ends_with_the_token()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        using var cancellation = new CancellationTokenSource();
        IAsyncEnumerator<StreamSocket> accepted = server.AcceptAllAsync(cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
        Task<bool> moving = accepted.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        Assert.CatchAsync<OperationCanceledException>(async () => await moving.Soon());
        Assert.That(server.IsClosed, Is.False);
    }

    [Test]
    public async Task A_connection_that_a_cancelled_accept_left_behind_is_not_left_open_by_a_closed_server()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        using var cancellation = new CancellationTokenSource();
        Task<StreamSocket> accepting = server.AcceptAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.That(await accepting.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());

        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);

        // Waits out an accept of the system that goes on and takes the connection.
        await Task.Delay(50);
        await server.DisposeAsync();

        Assert.That(await client.EndAsync().Soon(), Is.AnyOf(SocketError.Success, SocketError.ConnectionReset));
    }

    // What accept(2) says to treat as a retry or what passes, and ENOSPC of epoll_ctl(2): fs.epoll.max_user_watches is reached.
    [TestCase(1, ExpectedResult = true, TestName = "{m}(EPERM)")]
    [TestCase(23, ExpectedResult = true, TestName = "{m}(ENFILE)")]
    [TestCase(24, ExpectedResult = true, TestName = "{m}(EMFILE)")]
    [TestCase(28, ExpectedResult = true, TestName = "{m}(ENOSPC)")]
    [TestCase(64, ExpectedResult = true, TestName = "{m}(ENONET)")]
    [TestCase(71, ExpectedResult = true, TestName = "{m}(EPROTO)")]
    [TestCase(92, ExpectedResult = true, TestName = "{m}(ENOPROTOOPT)")]
    [TestCase(95, ExpectedResult = true, TestName = "{m}(EOPNOTSUPP)")]
    [TestCase(103, ExpectedResult = true, TestName = "{m}(ECONNABORTED)")]
    [TestCase(9, ExpectedResult = false, TestName = "{m}(EBADF)")]
    [TestCase(22, ExpectedResult = false, TestName = "{m}(EINVAL)")]
    public bool Errors_that_pass_are_no_reason_to_stop_serving(int errno) => SocketErrors.IsTransientAcceptError(Errno.ToSocketError(errno));

    [Test]
    public async Task The_same_port_can_be_bound_closed_and_bound_again()
    {
        int port = 0;
        for (int i = 0; i < 10; i++)
        {
            await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", port);
            port = server.Port;
            await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            StreamSocket accepted = await server.AcceptAsync().Soon();

            // The side that closes first keeps the port in TIME_WAIT.
            await accepted.CloseAsync().Soon();
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_port_in_use_is_AddressAlreadyInUse_and_the_message_names_the_end_point(bool reuseAddress)
    {
        await using ServerSocket first = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.ReuseAddress = reuseAddress);

        SocketException exception = Assert.ThrowsAsync<SocketException>(
            async () => await Selector.Tcp().BindAsync("127.0.0.1", first.Port, options => options.ReuseAddress = reuseAddress))!;

        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(exception.Message, Does.Contain($"127.0.0.1:{first.Port}"));
    }

    [Test]
    public async Task ReusePort_on_one_of_two_listeners_shares_nothing()
    {
        await using ServerSocket plain = await Selector.Tcp().BindAsync("127.0.0.1");
        SkipWithoutReusePort();
        await using ServerSocket shared = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.ReusePort = true);

        SocketException second = Assert.ThrowsAsync<SocketException>(
            async () => await Selector.Tcp().BindAsync("127.0.0.1", plain.Port, options => options.ReusePort = true))!;
        SocketException third = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().BindAsync("127.0.0.1", shared.Port))!;

        Assert.That(second.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(third.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
    }

    [Test]
    public async Task ReusePort_on_both_shares_the_connections()
    {
        SkipWithoutReusePort();
        const int count = 64;
        await using ServerSocket first = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.ReusePort = true);
        await using ServerSocket second = await Selector.Tcp().BindAsync("127.0.0.1", first.Port, options => options.ReusePort = true);
        int[] accepted = new int[2];
        var all = new TaskCompletionSource();
        Task accepting = Task.WhenAll(CountAsync(first, 0), CountAsync(second, 1));

        var clients = new List<Socket>();
        for (int i = 0; i < count; i++)
        {
            clients.Add(await Peers.ConnectAsync(first.LocalEndPoint));
        }

        await all.Task.Soon();
        await first.DisposeAsync();
        await second.DisposeAsync();
        await accepting.Soon();
        Assert.That(accepted, Has.All.GreaterThan(0));
        clients.ForEach(client => client.Dispose());

        async Task CountAsync(ServerSocket server, int index)
        {
            await foreach (StreamSocket socket in server.AcceptAllAsync())
            {
                Interlocked.Increment(ref accepted[index]);
                if (accepted[0] + accepted[1] == count)
                {
                    all.TrySetResult();
                }
            }
        }
    }

    [Test]
    public async Task The_backlog_bounds_what_waits_to_be_accepted()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("How a full queue behaves is known of Linux.");
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.Backlog = 3);
        var clients = new List<Socket>();
        for (int i = 0; i < 4; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.LocalEndPoint));
        }

        using var tooMany = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task connecting = tooMany.ConnectAsync(server.LocalEndPoint);

        // Waits out a connect that succeeds although the queue is full.
        Task first = await Task.WhenAny(connecting, Task.Delay(200));
        Assert.That(first, Is.Not.SameAs(connecting));

        clients.Add(tooMany);
        foreach (Socket client in clients)
        {
            await using StreamSocket accepted = await server.AcceptAsync().Soon();
            client.Dispose();
        }
    }

    [Test]
    public async Task More_connections_than_one_turn_accepts_are_all_accepted()
    {
        const int count = 200;
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var clients = new List<Socket>();
        for (int i = 0; i < count; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.LocalEndPoint));
        }

        for (int i = 0; i < count; i++)
        {
            StreamSocket accepted = await server.AcceptAsync().Soon();
            accepted.Abort();
        }

        clients.ForEach(client => client.Dispose());
    }

    [Test]
    public async Task A_server_binds_to_a_name()
    {
        await using ServerSocket byName = await Selector.Tcp().BindAsync("localhost");
        await using ServerSocket byEndPoint = await Selector.Tcp().BindAsync(new DnsEndPoint("localhost", 0));

        Assert.That(IPAddress.IsLoopback(((IPEndPoint)byName.LocalEndPoint).Address), Is.True);
        Assert.That(IPAddress.IsLoopback(((IPEndPoint)byEndPoint.LocalEndPoint).Address), Is.True);
    }

    [Test]
    public void A_name_that_does_not_resolve_is_HostNotFound()
    {
        SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().BindAsync("no-such-host.invalid").Soon())!;

        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
    }

    [Test]
    public void An_address_of_another_machine_cannot_be_bound()
    {
        // 192.0.2.0/24 is for documentation (RFC 5737); its last address belongs to no machine.
        SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().BindAsync("192.0.2.254", 80))!;

        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.AddressNotAvailable));
        Assert.That(exception.Message, Does.Contain("192.0.2.254:80"));
    }

    [Test]
    public async Task Port_zero_is_any_free_one_and_the_server_says_which()
    {
        await using ServerSocket first = await Selector.Tcp().BindAsync();
        await using ServerSocket second = await Selector.Tcp().BindAsync();

        Assert.That(first.Port, Is.GreaterThan(0));
        Assert.That(second.Port, Is.GreaterThan(0).And.Not.EqualTo(first.Port));
        Assert.That(first.LocalEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Any, first.Port)));
    }

    [Test]
    public async Task Two_colons_are_every_address_of_both_families()
    {
        await using ServerSocket probe = await IPv6Loopback.ListenAsync(Selector);
        await using ServerSocket server = await Selector.Tcp().BindAsync("::");

        await using StreamSocket version4 = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
        await using StreamSocket accepted4 = await server.AcceptAsync().Soon();
        await using StreamSocket version6 = await Selector.Tcp().ConnectAsync("::1", server.Port).Soon();
        await using StreamSocket accepted6 = await server.AcceptAsync().Soon();

        Assert.That(((IPEndPoint)accepted4.RemoteEndPoint).Address, Is.EqualTo(IPAddress.Loopback.MapToIPv6()));
        Assert.That(((IPEndPoint)accepted6.RemoteEndPoint).Address, Is.EqualTo(IPAddress.IPv6Loopback));
        Assert.That(((IPEndPoint)accepted4.RemoteEndPoint).Port, Is.EqualTo(((IPEndPoint)version4.LocalEndPoint).Port));
    }

    private static void SkipWithoutReusePort()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no SO_REUSEPORT.");
        }
    }
}
