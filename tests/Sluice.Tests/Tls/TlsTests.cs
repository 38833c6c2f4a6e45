using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sluice.Tests.Tls;

/// <summary>What holds for a connection under TLS.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TlsTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly SslProtocols[] s_protocols = [SslProtocols.Tls12, SslProtocols.Tls13];

    [Test]
    public async Task Lines_go_there_and_back([ValueSource(nameof(s_protocols))] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(Trusting(protocol: protocol));
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 100; i++)
            {
                await client.Output.WriteLineAsync($"line {i}").Soon();
                Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
                await server.Output.WriteLineAsync($"back {i}").Soon();
                Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo($"back {i}"));
            }

            Assert.That(client.Tls!.Protocol, Is.EqualTo(protocol));
            Assert.That(client.Socket.Tls, Is.SameAs(client.Tls));
            Assert.That(server.Tls!.IsServer);
            Assert.That(server.Tls.ServerName, Is.EqualTo("localhost"));
        }
    }

    [Test]
    public async Task Large_transfers_arrive_whole_in_both_directions_at_once([ValueSource(nameof(s_protocols))] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(Trusting(protocol: protocol));
        await using (client)
        await using (server)
        {
            byte[] bytes = new byte[5_000_000];
            new Random(1).NextBytes(bytes);

            await Task.WhenAll(SendAsync(client), SendAsync(server), ReceiveAsync(client), ReceiveAsync(server)).Soon();

            async Task SendAsync(Connection connection)
            {
                await connection.Output.WriteAsync(bytes);
                await connection.Output.CompleteAsync();
            }

            async Task ReceiveAsync(Connection connection) =>
                Assert.That((await connection.Input.ReadToEndAsync(limit: bytes.Length)).AsSpan().SequenceEqual(bytes));
        }
    }

    [Test]
    public async Task An_output_that_ends_while_the_other_side_still_sends_harms_nothing([ValueSource(nameof(s_protocols))] SslProtocols protocol)
    {
        byte[] bytes = new byte[1_000_000];
        new Random(2).NextBytes(bytes);
        for (int i = 0; i < 25; i++)
        {
            (Connection client, Connection server) = await ConnectTlsAsync(Trusting(protocol: protocol));
            Task<byte[]> reading = client.Input.ReadToEndAsync(bytes.Length).AsTask();
            Task sending = Task.Run(async () =>
            {
                await server.Output.WriteAsync(bytes);
                await server.Output.CompleteAsync();
            });
            await client.Output.WriteAsync(bytes.AsMemory(0, i)).Soon();
            await client.Output.CompleteAsync().Soon();

            Assert.That((await reading.Soon()).AsSpan().SequenceEqual(bytes));
            Assert.That((await server.Input.ReadToEndAsync(bytes.Length).Soon()), Has.Length.EqualTo(i));
            await sending.Soon();
            await client.CloseAsync().Soon();
            await server.CloseAsync().Soon();
        }
    }

    [Test]
    public async Task A_close_is_a_proper_end_for_the_peer([ValueSource(nameof(s_protocols))] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(Trusting(protocol: protocol));
        byte[] bytes = new byte[1_000_000];
        Task<byte[]> reading = server.Input.ReadToEndAsync(bytes.Length).AsTask();
        await client.Output.WriteAsync(bytes).Soon();

        Task closing = client.CloseAsync().AsTask();

        Assert.That((await reading.Soon()).Length, Is.EqualTo(bytes.Length));
        await server.CloseAsync().Soon();
        await closing.Soon();
    }

    [Test]
    public async Task An_end_without_close_notify_is_an_error_unless_it_need_not_come([Values] bool required)
    {
        (Connection near, Connection far) = await ConnectPairAsync();
        var settings = new TlsOptions { RequireCloseNotify = required };
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving(), settings).AsTask();
        Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        await using Connection server = await serving.Soon();
        await client.Output.WriteLineAsync("x").Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("x"));

        await near.Output.CompleteAsync().Soon();

        if (required)
        {
            IOException truncated = Assert.ThrowsAsync<IOException>(async () => await server.Input.ReadLineAsync().Soon())!;
            Assert.That(truncated.Message, Does.Contain("close_notify"));
            Assert.ThrowsAsync<IOException>(async () => await server.Input.ReadToEndAsync(100).Soon(), "as often as it is asked");
        }
        else
        {
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
        }

        await server.CloseAsync().Soon();
        await client.CloseAsync().Soon();
    }

    [Test]
    public async Task A_cancelled_read_loses_nothing()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await using (client)
        await using (server)
        {
            using var cancellation = new CancellationTokenSource();
            Task<string?> reading = server.Input.ReadLineAsync(cancellation.Token).AsTask();
            await client.Output.WriteStringAsync("half a ").Soon();
            await cancellation.CancelAsync();
            Assert.CatchAsync<OperationCanceledException>(async () => await reading.Soon());

            await client.Output.WriteLineAsync("line").Soon();

            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("half a line"));
        }
    }

    [Test]
    public async Task The_socket_timeout_ends_a_read_and_leaves_the_connection_usable()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await using (client)
        await using (server)
        {
            server.Socket.Options.SocketTimeout = TimeSpan.FromMilliseconds(100);
            IOException late = Assert.ThrowsAsync<IOException>(async () => await server.Input.ReadLineAsync().Soon())!;
            Assert.That(late.InnerException, Is.InstanceOf<TimeoutException>());

            await client.Output.WriteLineAsync("there").Soon();

            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("there"));
        }
    }

    [Test]
    public async Task A_peer_that_resets_is_an_error_and_no_end()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await using (server)
        {
            client.Abort();

            IOException reset = Assert.ThrowsAsync<IOException>(async () => await server.Input.ReadLineAsync().Soon())!;
            Assert.That(reset.InnerException, Is.InstanceOf<SocketException>());
        }
    }

    [Test]
    public async Task Pending_reads_end_when_the_connection_is_closed()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        Task<string?> reading = client.Input.ReadLineAsync().AsTask();

        Task closing = client.CloseAsync().AsTask();

        Assert.ThrowsAsync<ObjectDisposedException>(async () => await reading.Soon());
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
        await server.CloseAsync().Soon();
        await closing.Soon();
    }

    [Test]
    public async Task Connecting_under_tls_takes_the_host_for_the_name()
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<string?> serving = ServeOneAsync(listener);

        await using StreamSocket socket = await Selector.Tcp()
            .ConnectTlsAsync("localhost", listener.Port, new SslClientAuthenticationOptions { CertificateChainPolicy = Policy(Authority) }).Soon();
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: true);
        await output.WriteLineAsync("hello").Soon();

        Assert.That(await socket.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
        Assert.That(socket.Tls!.ServerName, Is.EqualTo("localhost"));
        await socket.CloseAsync().Soon();
        Assert.That(await serving.Soon(), Is.EqualTo("hello"));
    }

    [Test]
    public async Task A_client_certificate_is_seen_by_the_server([Values] bool shown)
    {
        SslClientAuthenticationOptions client = Trusting();
        if (shown)
        {
            client.ClientCertificates = [ClientCertificate];
        }

        SslServerAuthenticationOptions server = Serving();
        server.ClientCertificateRequired = true;
        server.CertificateChainPolicy = Policy(Authority);
        (Connection near, Connection far) = await ConnectPairAsync();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(server).AsTask();
        Task<Connection> connecting = near.UpgradeToTlsClientAsync(client).AsTask();

        if (shown)
        {
            // The server closes first: it has read all there is, and the client, which has not, then finds its end.
            await using Connection connected = await connecting.Soon();
            await using Connection accepted = await serving.Soon();
            Assert.That(accepted.Tls!.RemoteCertificate!.Subject, Is.EqualTo("CN=a client"));
        }
        else
        {
            AuthenticationException refused = Assert.ThrowsAsync<AuthenticationException>(async () => await serving.Soon())!;
            Assert.That(refused.Message, Does.Contain("the peer sent none"));
            await Task.WhenAny(connecting).Soon();
            await near.DisposeAsync();
        }
    }

    [Test]
    public async Task A_close_during_the_handshake_ends_the_peers_stream_in_memory_too()
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        Task<Connection> connecting = near.UpgradeToTlsClientAsync(Trusting()).AsTask();
        Assert.That(await far.Input.PeekAsync(1).Soon(), Has.Property("Length").EqualTo(1L), "the handshake has begun");
        await near.CloseAsync().Soon();
        Assert.That(await connecting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await far.Input.ReadToEndAsync(10_000).Soon(), Is.Not.Empty, "the end comes behind the beginning of the handshake");
    }

    [Test]
    public async Task In_memory_it_is_the_same()
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        await using Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        await using Connection server = await serving.Soon();

        await client.Output.WriteLineAsync("hello").Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        await client.CloseAsync().Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
    }

    [Test]
    public async Task The_connection_below_cannot_be_read_and_that_disturbs_nothing([Values] bool waiting)
    {
        (Connection near, Connection far) = await ConnectPairAsync();
        Task<Connection> upgrading = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        await using Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        await using Connection server = await upgrading.Soon();
        Task<string?>? reading = waiting ? server.Input.ReadLineAsync().AsTask() : null;

        InvalidOperationException refused = Assert.ThrowsAsync<InvalidOperationException>(async () => await far.Input.ReadLineAsync().Soon())!;

        Assert.That(refused.Message, Does.Contain("under TLS"));
        await client.Output.WriteLineAsync("hello").Soon();
        Assert.That(await (reading ?? server.Input.ReadLineAsync().AsTask()).Soon(), Is.EqualTo("hello"));
    }

    private static async Task<string?> ServeOneAsync(ServerSocket listener)
    {
        await using StreamSocket accepted = await listener.AcceptAsync();
        await using Connection server = await accepted.OpenConnection().UpgradeToTlsServerAsync(Serving());
        string? line = await server.Input.ReadLineAsync();
        await server.Output.WriteLineAsync(line!);
        Assert.That(await server.Input.ReadLineAsync(), Is.Null);
        return line;
    }
}
