using System.Net;
using System.Net.Sockets;
using Sluice.Serving.Initializing;

namespace Sluice.Tests.Proxying;

/// <summary>Listeners that read a PROXY header first, and clients that send one.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ProxyProtocolTests(SelectorEngine engine) : LoggedFixture(engine)
{
    private static readonly byte[] s_header = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"u8.ToArray();
    private static readonly IPEndPoint s_client = IPEndPoint.Parse("192.0.2.7:56324");

    private readonly ObservedTime _time = new();

    protected override SelectorOptions Options => new() { TimeProvider = _time, LoggerFactory = LoggerFactory };

    [Test]
    public async Task The_remote_end_point_is_the_clients_and_the_transports_the_proxys()
    {
        await using ServerSocket server = await ListenAsync();
        using Socket proxy = await Peers.ConnectAsync(server.LocalEndPoint);
        await proxy.SendAsync(s_header);

        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(s_client));
        Assert.That(accepted.TransportRemoteEndPoint, Is.EqualTo(proxy.LocalEndPoint));
        Assert.That(accepted.LocalEndPoint, Is.EqualTo(server.LocalEndPoint));
        Assert.That(accepted.ProxyHeader!.Destination, Is.EqualTo(IPEndPoint.Parse("198.51.100.1:443")));
        Assert.That(accepted.ProxyHeader.Version, Is.EqualTo(ProxyProtocolVersion.V1));
    }

    [Test]
    public async Task What_follows_the_header_is_what_the_channel_begins_with()
    {
        await using ServerSocket server = await ListenAsync();
        using Socket proxy = await Peers.ConnectAsync(server.LocalEndPoint);
        await proxy.SendAsync((byte[])[.. s_header, .. "hello\r\n"u8]);

        await using Connection connection = (await server.AcceptAsync().Soon()).OpenConnection();

        Assert.That(connection.Input.TotalBytesRead, Is.Zero);
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        Assert.That(connection.Input.TotalBytesRead, Is.EqualTo(7));
        Assert.Throws<InvalidOperationException>(() => connection.Socket.OpenReadChannel());
        await connection.Output.WriteLineAsync("welcome").Soon();
        byte[] answer = new byte[9];
        await proxy.ReceiveAsync(answer).Soon();
        Assert.That(answer, Is.EqualTo("welcome\r\n"u8.ToArray()).Or.EqualTo("welcome\n\0"u8.ToArray()));
    }

    [Test]
    public async Task Cut_anywhere_the_header_is_read_and_what_follows_stays()
    {
        await using ServerSocket server = await ListenAsync();
        byte[] bytes = [.. s_header, .. "hello\r\n"u8];

        for (int cut = 1; cut < bytes.Length; cut++)
        {
            using Socket proxy = await Peers.ConnectAsync(server.LocalEndPoint);
            await proxy.SendAsync(bytes.AsMemory(0, cut));
            Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
            await Task.Yield();
            await proxy.SendAsync(bytes.AsMemory(cut));

            await using StreamSocket accepted = await accepting.Soon();
            Assert.That(accepted.RemoteEndPoint, Is.EqualTo(s_client));
            Assert.That(await accepted.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }
    }

    [Test]
    public async Task Cut_off_anywhere_the_connection_is_reset_and_the_next_is_accepted()
    {
        await using ServerSocket server = await ListenAsync();
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        for (int cut = 0; cut < s_header.Length; cut++)
        {
            using Socket proxy = await Peers.ConnectAsync(server.LocalEndPoint);
            await proxy.SendAsync(s_header.AsMemory(0, cut));
            proxy.Shutdown(SocketShutdown.Send);
            Assert.That(await proxy.EndAsync(), Is.EqualTo(SocketError.ConnectionReset), $"after {cut} bytes");
        }

        using Socket last = await Peers.ConnectAsync(server.LocalEndPoint);
        await last.SendAsync(s_header);
        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.TransportRemoteEndPoint, Is.EqualTo(last.LocalEndPoint));

        // One that sends nothing at all is not logged: a health check looks whether the server is there.
        Assert.That(Logged.Count("ProxyHeaderRefused"), Is.EqualTo(s_header.Length - 1));
    }

    [Test]
    public async Task Malformed_headers_end_their_own_connection_and_are_logged()
    {
        await using ServerSocket server = await ListenAsync();
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        using Socket bad = await Peers.ConnectAsync(server.LocalEndPoint);
        await bad.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.That(await bad.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(Logged.Entries.Single(entry => entry.Event == "ProxyHeaderRefused").Message, Does.Contain($"{bad.LocalEndPoint}").And.Contain("malformed"));
        Assert.That(accepting.IsCompleted, Is.False);
        using Socket good = await Peers.ConnectAsync(server.LocalEndPoint);
        await good.SendAsync(s_header);
        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.TransportRemoteEndPoint, Is.EqualTo(good.LocalEndPoint));
    }

    [Test]
    public async Task A_header_that_is_late_delays_no_other_and_ends_its_connection()
    {
        await using ServerSocket server = await ListenAsync();
        using Socket late = await Peers.ConnectAsync(server.LocalEndPoint);
        await late.SendAsync(s_header.AsMemory(0, 20));
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        await Waiting.UntilAsync(() => _time.Timers >= 1);

        using Socket quick = await Peers.ConnectAsync(server.LocalEndPoint);
        await quick.SendAsync(s_header);
        await using (StreamSocket accepted = await accepting.Soon())
        {
            Assert.That(accepted.TransportRemoteEndPoint, Is.EqualTo(quick.LocalEndPoint));
        }

        _time.Advance(ProxyProtocolOptions.DefaultHeaderTimeout);
        Assert.That(await late.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(Logged.Entries.Single(entry => entry.Event == "ProxyHeaderRefused").Message, Does.Contain("in time"));
    }

    [Test]
    public async Task As_many_headers_are_awaited_at_once_as_the_option_says()
    {
        await using ServerSocket server = await ListenAsync(options => options.MaxPendingConnections = 2);
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket second = await Peers.ConnectAsync(server.LocalEndPoint);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        await Waiting.UntilAsync(() => _time.Timers >= 2);
        using Socket third = await Peers.ConnectAsync(server.LocalEndPoint);
        await third.SendAsync(s_header);
        Assert.That(accepting.IsCompleted, Is.False);

        _time.Advance(ProxyProtocolOptions.DefaultHeaderTimeout);

        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.TransportRemoteEndPoint, Is.EqualTo(third.LocalEndPoint));
        Assert.That(await first.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(await second.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task Who_is_not_trusted_is_refused_before_a_byte_is_read()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", configure: options => options.ProxyProtocol = Trusting("10.0.0.0/8"));
        using Socket stranger = await Peers.ConnectAsync(server.LocalEndPoint);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        Assert.That(await stranger.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(Logged.Entries.Single(entry => entry.Event == "ProxyHeaderRefused").Message, Does.Contain("trusted"));
        await server.DisposeAsync();
        Assert.That(await accepting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Who_is_not_trusted_is_taken_as_he_is_if_the_option_says_so()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", configure: options =>
        {
            options.ProxyProtocol = Trusting("10.0.0.0/8");
            options.ProxyProtocol.UntrustedPeers = UntrustedPeers.AcceptWithoutHeader;
        });
        using Socket stranger = await Peers.ConnectAsync(server.LocalEndPoint);
        await stranger.SendAsync(s_header);

        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(stranger.LocalEndPoint));
        Assert.That(accepted.ProxyHeader, Is.Null);
        Assert.That(await accepted.OpenReadChannel().ReadLineAsync().Soon(), Does.StartWith("PROXY TCP4"));
    }

    [Test]
    public async Task A_network_of_IPv4_addresses_is_trusted_on_a_listener_of_both_families()
    {
        await using (await IPv6Loopback.ListenAsync(Selector))
        {
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("::", configure: options => options.ProxyProtocol = Trusting("127.0.0.0/8"));
        using Socket proxy = await Peers.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port));
        await proxy.SendAsync(s_header);

        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(s_client));
    }

    [Test]
    public async Task A_listener_that_would_refuse_everybody_is_not_made()
    {
        Exception? failure = await Selector.Tcp().BindAsync("127.0.0.1", configure: options => options.ProxyProtocol = new ProxyProtocolOptions())
            .OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task An_accept_that_is_cancelled_loses_no_connection()
    {
        await using ServerSocket server = await ListenAsync();
        using Socket proxy = await Peers.ConnectAsync(server.LocalEndPoint);
        for (int i = 0; i < 100; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<StreamSocket> accepting = server.AcceptAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await accepting.Soon())!;
            Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
        }

        await proxy.SendAsync(s_header);
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(accepted.TransportRemoteEndPoint, Is.EqualTo(proxy.LocalEndPoint));
    }

    [Test]
    public async Task A_manager_that_is_disposed_ends_them_all()
    {
        SelectorManager selector = CreateManager();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", configure: options => options.ProxyProtocol = Trusting("127.0.0.0/8"));
        using Socket waiting = await Peers.ConnectAsync(server.LocalEndPoint);
        await waiting.SendAsync(s_header.AsMemory(0, 5));
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        await selector.DisposeAsync().Soon();

        Assert.That(await accepting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        await waiting.EndAsync();
    }

    [Test]
    public async Task Hundreds_of_clients_that_come_at_once_are_each_served_as_who_they_are()
    {
        await using ServerSocket server = await ListenAsync(options => options.MaxPendingConnections = 16);
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            string? line = await connection.Input.ReadLineAsync(token);
            await connection.Output.WriteLineAsync($"{connection.Socket.RemoteEndPoint} {line}", token);
        });

        await Task.WhenAll(Enumerable.Range(1, 300).Select(async i =>
        {
            var source = new IPEndPoint(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), i);
            var header = new ProxyHeader(source, IPEndPoint.Parse("198.51.100.1:443"), i % 2 == 0 ? ProxyProtocolVersion.V1 : ProxyProtocolVersion.V2);
            StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint, options => options.ProxyHeader = header).Soon();
            await using Connection connection = client.OpenConnection();
            await connection.Output.WriteLineAsync("hello").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo($"{source} hello"));
        })).Soon();

        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task An_accept_that_fails_is_told_and_tried_again_only_when_the_caller_accepts()
    {
        var listener = new FailingListener(Selector.Sockets);
        var acceptor = new InitializingAcceptor(Selector.Context, listener, new ProxyInitializer(Trusting("127.0.0.0/8"), TimeProvider.System));
        for (int i = 1; i <= 5; i++)
        {
            SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await acceptor.AcceptAsync(default).AsTask().Soon())!;
            Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.TooManyOpenSockets));
            Assert.That(listener.Tries, Is.InRange(i, i + 1));
        }

        acceptor.Close();
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await acceptor.AcceptAsync(default).AsTask().Soon());
    }

    [TestCase(ProxyProtocolVersion.V1, false)]
    [TestCase(ProxyProtocolVersion.V2, false)]
    [TestCase(ProxyProtocolVersion.V2, true)]
    public async Task A_client_that_passes_a_connection_on_says_whose_it_is(ProxyProtocolVersion version, bool checksum)
    {
        await using ServerSocket server = await ListenAsync();
        var header = new ProxyHeader(s_client, IPEndPoint.Parse("198.51.100.1:443"), version) { HasChecksum = checksum };

        await using StreamSocket client = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port, options => options.ProxyHeader = header).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(s_client));
        Assert.That(accepted.ProxyHeader!.HasChecksum, Is.EqualTo(checksum));
        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
        Assert.That(client.OpenWriteChannel().TotalBytesWritten, Is.Zero);
    }

    [TestCase(ProxyProtocolVersion.V1)]
    [TestCase(ProxyProtocolVersion.V2)]
    public async Task A_connection_of_the_proxys_own_keeps_the_end_points_of_the_transport(ProxyProtocolVersion version)
    {
        await using ServerSocket server = await ListenAsync(options => options.ServeLocalConnections = true);

        await using StreamSocket client = await Selector.Tcp().Configure(options => options.ProxyHeader = ProxyHeader.Local(version))
            .ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(accepted.ProxyHeader!.Source, Is.Null);
    }

    [Test]
    public void The_bounds_of_the_options_are_kept()
    {
        var options = new ProxyProtocolOptions();

        Assert.Catch<ArgumentOutOfRangeException>(() => options.HeaderTimeout = Timeout.InfiniteTimeSpan);
        Assert.Catch<ArgumentOutOfRangeException>(() => options.HeaderTimeout = TimeSpan.Zero);
        Assert.Catch<ArgumentOutOfRangeException>(() => options.MaxHeaderLength = 231);
        Assert.Catch<ArgumentOutOfRangeException>(() => options.MaxHeaderLength = 65_552);
        Assert.Catch<ArgumentOutOfRangeException>(() => options.MaxPendingConnections = 0);
        Assert.Catch<ArgumentOutOfRangeException>(() => options.UntrustedPeers = (UntrustedPeers)2);
    }

    // How the connection ended for a client that sends so much of a header; refused if there was none to begin with.
    private static ProxyProtocolOptions Trusting(string network) => new() { TrustedNetworks = { IPNetwork.Parse(network) } };

    private async Task<ServerSocket> ListenAsync(Action<ProxyProtocolOptions>? configure = null) =>
        await Selector.Tcp().BindAsync("127.0.0.1", configure: options =>
        {
            options.ProxyProtocol = Trusting("127.0.0.0/8");
            configure?.Invoke(options.ProxyProtocol);
        });
}
