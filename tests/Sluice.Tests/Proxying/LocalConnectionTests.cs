using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Proxying;

/// <summary>Connections of a proxy's own: health checks.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LocalConnectionTests(SelectorEngine engine) : LoggedFixture(engine)
{
    private static readonly byte[] s_local = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0];
    private static readonly byte[] s_unspecified = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0, 0, 0];
    private static readonly byte[] s_unknown = "PROXY UNKNOWN\r\n"u8.ToArray();

    [Test]
    public async Task They_are_closed_quietly([Values] bool tls)
    {
        await using ServerSocket server = await ListenAsync(serveLocal: false);
        if (tls)
        {
            server.UseTls(ServerCertificate);
        }

        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        for (int i = 0; i < 3; i++)
        {
            using Socket check = await Peers.ConnectAsync(server.LocalEndPoint);
            await check.SendAsync(s_local);
            Assert.That(await check.EndAsync(), Is.EqualTo(SocketError.Success));
        }

        Assert.That(accepting.IsCompleted, Is.False);
        // A loop that got no processor for a while may have been taken over.
        Assert.That(Logged.Entries.Where(entry => entry.Event != "LoopHandedOff"), Is.Empty);
    }

    [Test]
    public async Task They_are_handed_out_if_that_is_asked_for()
    {
        await using ServerSocket server = await ListenAsync(serveLocal: true);
        using Socket check = await Peers.ConnectAsync(server.LocalEndPoint);
        await check.SendAsync(s_local);

        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.ProxyHeader!.IsLocal, Is.True);
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(check.LocalEndPoint));
    }

    [Test]
    public async Task A_client_whose_address_cannot_be_written_is_served([Values] bool version2)
    {
        await using ServerSocket server = await ListenAsync(serveLocal: false);
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync(version2 ? s_unspecified : s_unknown);

        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.ProxyHeader!.IsLocal, Is.False);
        Assert.That(accepted.ProxyHeader.Source, Is.Null);
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    private async Task<ServerSocket> ListenAsync(bool serveLocal) => await Selector.Tcp().BindAsync("127.0.0.1", 0, options =>
        options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") }, ServeLocalConnections = serveLocal }).Soon();
}
