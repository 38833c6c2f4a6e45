using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Connecting;

public sealed class ConnectTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_port_without_a_listener_refuses_at_once_and_the_message_names_the_end_point()
    {
        using Socket silent = Peers.Silent();

        SocketException exception = Assert.ThrowsAsync<SocketException>(
            async () => await Selector.Tcp().ConnectAsync(silent.LocalEndPoint!).AsTask().WaitAsync(Waiting.AtOnce))!;

        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        Assert.That(exception.Message, Does.Contain(silent.LocalEndPoint!.ToString()));
    }

    [Test]
    public void A_name_that_does_not_resolve_is_HostNotFound()
    {
        SocketException byName = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().ConnectAsync("no-such-host.invalid", 80).Soon())!;
        SocketException byEndPoint = Assert.ThrowsAsync<SocketException>(
            async () => await Selector.Tcp().ConnectAsync(new DnsEndPoint("no-such-host.invalid", 80)).Soon())!;

        Assert.That(byName.SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
        Assert.That(byName.Message, Does.Contain("no-such-host.invalid:80"));
        Assert.That(byEndPoint.SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
    }

    [Test]
    public async Task Localhost_is_found_by_name_and_by_DnsEndPoint()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        await using StreamSocket byName = await Selector.Tcp().ConnectAsync("localhost", server.Port).Soon();
        await using StreamSocket byEndPoint = await Selector.Tcp().ConnectAsync(new DnsEndPoint("localhost", server.Port)).Soon();

        Assert.That(byName.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
        Assert.That(byEndPoint.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
    }

    [Test]
    public async Task IPv6_connects()
    {
        await using ServerSocket server = await IPv6Loopback.ListenAsync(Selector);

        await using StreamSocket client = await Selector.Tcp().ConnectAsync("::1", server.Port).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(client.RemoteEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.IPv6Loopback, server.Port)));
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(accepted.LocalEndPoint, Is.EqualTo(client.RemoteEndPoint));
    }

    [Test]
    public async Task Every_address_of_a_name_is_tried_in_turn()
    {
        using Socket first = Peers.Silent();
        using Socket second = Peers.Silent();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        await using StreamSocket client = await Selector.Tcp()
            .ConnectAsync([first.LocalEndPoint!, second.LocalEndPoint!, server.LocalEndPoint], new StreamSocketOptions(), CancellationToken.None).Soon();

        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
    }

    [Test]
    public void When_no_address_of_a_name_accepts_the_error_names_the_last()
    {
        using Socket first = Peers.Silent();
        using Socket last = Peers.Silent();

        SocketException exception = Assert.CatchAsync<SocketException>(async () => await Selector.Tcp()
            .ConnectAsync([first.LocalEndPoint!, last.LocalEndPoint!], new StreamSocketOptions(), CancellationToken.None).Soon())!;

        Assert.That(exception.Message, Does.Contain(last.LocalEndPoint!.ToString()));
    }

    [Test]
    public async Task A_token_that_is_cancelled_beforehand_connects_nothing()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var cancelled = new CancellationToken(canceled: true);

        // Again and again: the connection may be there before anybody looks at the token.
        for (int i = 0; i < 200; i++)
        {
            OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(
                async () => await Selector.Tcp().ConnectAsync(server.LocalEndPoint, cancellationToken: cancelled).Soon())!;
            Assert.That(exception.CancellationToken, Is.EqualTo(cancelled));
        }
    }

    [Test]
    public async Task A_token_that_is_cancelled_during_an_attempt_ends_it_and_frees_its_descriptor()
    {
        using FullListener full = await FullListener.CreateAsync();
        int before = Descriptors.Count();
        using var cancellation = new CancellationTokenSource();

        Task<StreamSocket> connecting = Selector.Tcp().ConnectAsync(full.EndPoint, cancellationToken: cancellation.Token).AsTask();
        Assert.That(connecting.IsCompleted, Is.False);
        await cancellation.CancelAsync();

        OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await connecting.WaitAsync(Waiting.AtOnce))!;
        Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task Every_one_of_a_thousand_connects_comes()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        for (int i = 0; i < 1000; i++)
        {
            await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            await using StreamSocket accepted = await server.AcceptAsync().Soon();
            Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        }
    }

    [Test]
    public async Task A_connection_that_is_slow_to_come_comes()
    {
        using FullListener full = await FullListener.CreateAsync();
        Task<StreamSocket> connecting = Selector.Tcp().ConnectAsync(full.EndPoint).AsTask();
        Assert.That(connecting.IsCompleted, Is.False);

        await full.AcceptAsync();

        await using StreamSocket client = await connecting.Soon();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(full.EndPoint));
    }

    [Test]
    public void Bad_arguments_are_refused()
    {
        TcpSocketBuilder tcp = Selector.Tcp();

        Assert.CatchAsync<ArgumentException>(async () => await tcp.ConnectAsync(string.Empty, 80));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.ConnectAsync((string)null!, 80));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.ConnectAsync("127.0.0.1", -1));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.ConnectAsync("127.0.0.1", 65536));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.ConnectAsync((EndPoint)null!));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.BindAsync(string.Empty));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.BindAsync("127.0.0.1", 65536));
        Assert.CatchAsync<ArgumentException>(async () => await tcp.BindAsync((EndPoint)null!));
        Assert.Catch<ArgumentException>(() => tcp.Configure(null!));
    }

    [Test]
    public async Task After_the_manager_is_disposed_nothing_connects_or_binds()
    {
        using Socket silent = Peers.Silent();
        SelectorManager selector = CreateManager();
        TcpSocketBuilder tcp = selector.Tcp();
        await using ServerSocket other = await Selector.Tcp().BindAsync("127.0.0.1");
        await selector.DisposeAsync();

        Assert.ThrowsAsync<ObjectDisposedException>(async () => await tcp.ConnectAsync(other.LocalEndPoint).Soon());
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await tcp.ConnectAsync(silent.LocalEndPoint!).Soon());
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await tcp.BindAsync("127.0.0.1").Soon());
    }

    [Test]
    public async Task Both_sides_know_both_end_points()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(client.RemoteEndPoint, Is.EqualTo(accepted.LocalEndPoint));
        Assert.That(((IPEndPoint)client.LocalEndPoint).Address, Is.EqualTo(IPAddress.Loopback));
        await client.CloseAsync();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(accepted.LocalEndPoint));
    }

    [Test]
    public async Task The_end_points_are_still_known_after_the_socket_is_closed()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);
        EndPoint clientEnd = client.LocalEndPoint;

        await accepted.CloseAsync();

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(clientEnd));
    }
}
