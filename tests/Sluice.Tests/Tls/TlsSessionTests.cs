using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Sluice.Sockets;
using Sluice.Tls;

namespace Sluice.Tests.Tls;

/// <summary>The native memory of a TLS session goes with its connection, however that ends.</summary>
public sealed class TlsSessionTests(SelectorEngine engine) : TlsFixture(engine)
{
    public enum Ending
    {
        Close,
        Abort,
        Manager,
    }

    [Test]
    public async Task It_is_given_back_at_once_when_the_connection_ends([Values] Ending end, [Values] bool reads)
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        TlsLayer ours = LayerOf(client.Socket);
        TlsLayer theirs = LayerOf(server.Socket);
        Task<Exception?> reading = reads ? client.Input.ReadLineAsync().OutcomeAsync() : Task.FromResult<Exception?>(null);
        switch (end)
        {
            case Ending.Close:
                await Task.WhenAll(client.CloseAsync().AsTask(), server.CloseAsync().AsTask()).Soon();
                break;
            case Ending.Abort:
                client.Abort();
                server.Abort();
                break;
            default:
                await Selector.DisposeAsync().Soon();
                break;
        }

        await reading.Soon();
        await Waiting.UntilAsync(() => ours.IsReleased && theirs.IsReleased);
    }

    [Test]
    public async Task It_is_given_back_when_the_handshake_is_refused()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task<Exception?> serving = server.UpgradeToTlsServerAsync(Serving()).OutcomeAsync();

        Assert.ThrowsAsync<AuthenticationException>(async () => await client.UpgradeToTlsClientAsync(Trusting("another.example")).Soon());

        TlsLayer ours = LayerOf(client.Socket);
        await Waiting.UntilAsync(() => ours.IsReleased);
        server.Abort();
        await serving.Soon();
        TlsLayer theirs = LayerOf(server.Socket);
        await Waiting.UntilAsync(() => theirs.IsReleased);
    }

    [Test]
    public async Task It_is_given_back_when_the_peer_speaks_no_TLS_or_says_nothing([Values] bool speaks)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using (peer)
        {
            Task<Exception?> greeting = socket.OpenConnection()
                .UpgradeToTlsServerAsync(Serving(), new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(speaks ? 30_000 : 50) }).OutcomeAsync();
            if (speaks)
            {
                await peer.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            }

            Assert.That(await greeting, speaks ? Is.InstanceOf<AuthenticationException>() : Is.InstanceOf<TimeoutException>());
            TlsLayer layer = LayerOf(socket);
            await Waiting.UntilAsync(() => layer.IsReleased);
        }
    }

    [Test]
    public async Task It_is_given_back_when_connections_in_memory_end([Values] bool aborts)
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        Connection server = await serving.Soon();
        TlsLayer ours = LayerOf(client);
        TlsLayer theirs = LayerOf(server);
        if (aborts)
        {
            client.Abort();
            server.Abort();
        }
        else
        {
            await Task.WhenAll(client.CloseAsync().AsTask(), server.CloseAsync().AsTask()).Soon();
        }

        await Waiting.UntilAsync(() => ours.IsReleased && theirs.IsReleased);
    }

    [Test]
    public async Task A_close_and_an_abort_at_once_damage_no_session_while_both_sides_read_and_write()
    {
        byte[] bytes = Pattern.Bytes(200_000);
        for (int round = 0; round < 60; round++)
        {
            (Connection client, Connection server) = await ConnectTlsAsync();
            TlsLayer ours = LayerOf(client.Socket);
            Task[] ends =
            [
                client.Output.WriteAsync(bytes).OutcomeAsync(),
                server.Output.WriteAsync(bytes).OutcomeAsync(),
                client.Input.CopyToAsync(Stream.Null).OutcomeAsync(),
                server.Input.CopyToAsync(Stream.Null).OutcomeAsync(),
                client.CloseAsync().OutcomeAsync(),
                Task.Run(client.Abort),
                Task.Run(server.Abort),
            ];
            await Task.WhenAll(ends).Soon();
            await Waiting.UntilAsync(() => ours.IsReleased);
        }
    }

    [Test]
    public async Task A_start_that_fails_leaves_no_gate_in_the_sweep()
    {
        SelectorManager selector = CreateManager();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!);
        selector.Sockets.Open.Close();

        Assert.Throws<ObjectDisposedException>(() => selector.AdoptStream(socket, options => options.SocketTimeout = TimeSpan.FromMinutes(1)));

        Assert.That(selector.Sockets.Sweep.Count, Is.Zero);
        await selector.DisposeAsync().Soon();
    }

    private static TlsLayer LayerOf(IConnectionOwner owner) => owner.Layer!;

    private static TlsLayer LayerOf(Connection connection) => connection.Owner.Layer!;
}
