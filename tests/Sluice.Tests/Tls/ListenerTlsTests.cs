using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Tests.Tls;

/// <summary>Listeners that put every connection under TLS.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ListenerTlsTests(SelectorEngine engine) : LoggedFixture(engine)
{
    [Test]
    public async Task A_handler_is_served_connections_under_tls_and_need_not_know()
    {
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate);
        using var stop = new CancellationTokenSource();
        Task serving = server.ServeAsync(EchoAsync, cancellationToken: stop.Token);

        for (int i = 0; i < 3; i++)
        {
            await using StreamSocket client = await ConnectAsync(server, "localhost").Soon();
            Assert.That(await AskAsync(client, "ping"), Is.EqualTo("localhost: ping"));
        }

        await stop.CancelAsync();
        await serving.Soon();
    }

    [Test]
    public async Task What_is_accepted_has_done_its_handshake()
    {
        var options = new SslServerAuthenticationOptions { ServerCertificate = ServerCertificate, ApplicationProtocols = [new("mine"), new("other")] };
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(options);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        SslClientAuthenticationOptions trusting = Trusting();
        trusting.ApplicationProtocols = [new("other")];
        await using StreamSocket client = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, trusting).Soon();
        await using StreamSocket accepted = await accepting.Soon();

        Assert.That(accepted.Tls, Is.Not.Null);
        Assert.That(accepted.Tls!.IsServer);
        Assert.That(accepted.Tls.ServerName, Is.EqualTo("localhost"));
        Assert.That(accepted.Tls.ApplicationProtocol.ToString(), Is.EqualTo("other"));
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task Clients_that_connect_and_say_nothing_keep_no_other_out()
    {
        var settings = new TlsOptions { MaxPendingHandshakes = 20, HandshakeTimeout = TimeSpan.FromMinutes(1) };
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate, settings);
        Task serving = server.ServeAsync(EchoAsync);
        Socket[] silent = [.. Enumerable.Range(0, 50).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
        await Task.WhenAll(silent.Select(socket => socket.ConnectAsync(server.LocalEndPoint))).Soon();

        await using StreamSocket client = await ConnectAsync(server, "localhost").Soon();
        Assert.That(await AskAsync(client, "ping"), Is.EqualTo("localhost: ping"));

        // The oldest have made room.
        int cut = 0;
        foreach (Socket socket in silent)
        {
            cut += socket.Poll(0, SelectMode.SelectRead) ? 1 : 0;
            socket.Dispose();
        }

        Assert.That(cut, Is.InRange(31, 50));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_burst_of_more_than_may_be_pending_is_served_whole()
    {
        var settings = new TlsOptions { MaxPendingHandshakes = 4 };
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate, settings);
        Task serving = server.ServeAsync(EchoAsync);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            await using StreamSocket client = await ConnectAsync(server, "localhost");
            Assert.That(await AskAsync(client, $"{i}"), Is.EqualTo($"localhost: {i}"));
        })).Soon();
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_handshake_that_fails_or_takes_too_long_ends_that_connection_alone_and_is_logged()
    {
        var settings = new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(100) };
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate, settings);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(server.LocalEndPoint).Soon();
        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await plain.ConnectAsync(server.LocalEndPoint).Soon();
        await plain.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        await plain.EndAsync();
        await silent.EndAsync();
        await Waiting.UntilAsync(() => Logged.Count("TlsHandshakeFailed") == 2);
        Assert.That(Logged.Entries.Select(entry => entry.Message), Has.Some.Contains("did not complete within 0.1 s"));
        Assert.That(accepting.IsCompleted, Is.False);
        await server.DisposeAsync();
        Assert.That(await accepting.OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task The_certificate_is_chosen_by_the_name_that_the_client_asks_for()
    {
        using X509Certificate2 one = DevelopmentCertificates.CreateServer(Authority, ["one.example"]);
        using X509Certificate2 two = DevelopmentCertificates.CreateServer(Authority, ["two.example"]);
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(
            (_, hello, _, _) => hello.ServerName switch
            {
                "one.example" => ValueTask.FromResult(Serving(one)),
                "two.example" => ValueTask.FromResult(Serving(two)),
                _ => throw new AuthenticationException("no such name"),
            });
        Task serving = server.ServeAsync(EchoAsync);

        foreach (string name in (string[])["one.example", "two.example"])
        {
            await using StreamSocket client = await ConnectAsync(server, name).Soon();
            Assert.That(client.Tls!.RemoteCertificate!.GetNameInfo(X509NameType.DnsName, forIssuer: false), Is.EqualTo(name));
            Assert.That(await AskAsync(client, "ping"), Is.EqualTo($"{name}: ping"));
        }

        Assert.CatchAsync<Exception>(async () => await ConnectAsync(server, "three.example").Soon());
        await Waiting.UntilAsync(() => Logged.Entries.Any(entry => entry.Event == "TlsHandshakeFailed" && entry.Message.Contains("no such name")));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task Behind_a_proxy_the_header_comes_first()
    {
        await using ServerSocket server = (await Selector.Tcp().BindAsync(
            "127.0.0.1", 0, options => options.ProxyProtocol = Trusted()).Soon()).UseTls(ServerCertificate);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        var client = IPEndPoint.Parse("192.0.2.7:4711");
        var header = new ProxyHeader(client, IPEndPoint.Parse("198.51.100.1:443"));
        await using StreamSocket socket = await Selector.Tcp().ConnectTlsAsync(
            "127.0.0.1", server.Port, Trusting(), configure: options => options.ProxyHeader = header).Soon();
        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client));
        Assert.That(accepted.Tls, Is.Not.Null);

        static ProxyProtocolOptions Trusted()
        {
            var options = new ProxyProtocolOptions();
            options.TrustedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
            return options;
        }
    }

    [Test]
    public async Task A_tcp_listener_takes_it_as_an_option_beside_the_proxy_protocol()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync(
            "127.0.0.1",
            0,
            options =>
            {
                options.Tls = new ListenerTlsOptions(ServerCertificate);
                options.ProxyProtocol = new ProxyProtocolOptions { UntrustedPeers = UntrustedPeers.AcceptWithoutHeader };
            }).Soon();
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        await using StreamSocket client = await ConnectAsync(server, "localhost").Soon();
        await using StreamSocket accepted = await accepting.Soon();

        Assert.That(accepted.Tls, Is.Not.Null);
        Assert.Throws<InvalidOperationException>(() => server.UseTls(ServerCertificate));
    }

    [Test]
    public async Task A_unix_listener_takes_it_as_an_option()
    {
        using var folder = new UnixFolder();
        await using ServerSocket server = await Selector.Unix().BindAsync(
            folder["tls"], options => options.Tls = new ListenerTlsOptions(ServerCertificate)).Soon();
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        await using StreamSocket socket = await Selector.Unix().ConnectAsync(folder["tls"]).Soon();
        await using Connection client = await socket.OpenConnection().UpgradeToTlsClientAsync(Trusting()).AsTask().Soon();
        await using StreamSocket accepted = await accepting.Soon();

        Assert.That(accepted.Tls, Is.Not.Null);
    }

    [Test]
    public async Task It_is_set_up_once_and_before_anybody_accepts()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        Assert.Throws<InvalidOperationException>(() => server.UseTls(ServerCertificate));
        await using ServerSocket other = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        Assert.Throws<ArgumentException>(() => other.UseTls(new SslServerAuthenticationOptions()));
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(ServerCertificate.RawData);
        Assert.Throws<ArgumentException>(() => other.UseTls(bare));
        Assert.That(other.UseTls(ServerCertificate), Is.SameAs(other));
        Assert.Throws<InvalidOperationException>(() => other.UseTls(ServerCertificate));
        await other.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => other.UseTls(ServerCertificate));
        await server.DisposeAsync();
        await accepting.OutcomeAsync();
    }

    [Test]
    public async Task A_client_that_gives_up_as_soon_as_it_is_connected_leaves_nothing_behind()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        for (int round = 0; round < 100; round++)
        {
            using var cancel = new CancellationTokenSource();
            Task<StreamSocket> connecting = Task.Run(
                () => Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, Trusting(), cancellationToken: cancel.Token).AsTask());
            StreamSocket accepted = await server.AcceptAsync().Soon();
            await cancel.CancelAsync();
            Assert.That(await connecting.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            accepted.Abort();
        }

        Assert.That(Selector.Describe().SocketCount, Is.EqualTo(1));
    }

    private static async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync($"{connection.Tls!.ServerName}: {line}", cancellationToken);
        }
    }

    private async Task<StreamSocket> ConnectAsync(ServerSocket server, string name) =>
        await Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, Trusting(name));

    private static async Task<string?> AskAsync(StreamSocket socket, string line)
    {
        Connection connection = socket.OpenConnection();
        await connection.Output.WriteLineAsync(line).Soon();
        return await connection.Input.ReadLineAsync().Soon();
    }
}
