using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Proxying;

/// <summary>Listeners that close while headers are on their way leave no descriptor behind: one test after another, since they count those of the process.</summary>
public sealed class ProxyProtocolDescriptorTests(SelectorEngine engine) : LoggedFixture(engine)
{
    private static readonly byte[] s_header = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"u8.ToArray();

    private readonly ObservedTime _time = new();

    protected override SelectorOptions Options => new() { TimeProvider = _time, LoggerFactory = LoggerFactory };

    [Test]
    public async Task A_server_that_closes_resets_what_was_not_handed_out()
    {
        int before = Descriptors.Count();
        ServerSocket server = await ListenAsync();
        using Socket waiting = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket ready = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        await ready.SendAsync(s_header);
        await first.SendAsync(s_header);
        await using (await server.AcceptAsync().Soon())
        {
        }

        await Waiting.UntilAsync(() => _time.Timers >= 3);
        await server.DisposeAsync();

        Assert.That(await waiting.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        SocketError[] others = [await ready.EndAsync(), await first.EndAsync()];
        Assert.That(others, Has.Exactly(1).EqualTo(SocketError.ConnectionReset).And.Exactly(1).EqualTo(SocketError.Success));
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await server.AcceptAsync().Soon());
        Assert.That(Logged.Count("ProxyHeaderRefused"), Is.Zero);
        waiting.Dispose();
        ready.Dispose();
        first.Dispose();
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task A_server_that_closes_while_clients_come_leaves_nothing_behind()
    {
        int before = Descriptors.Count();

        // At least a byte: Linux forgets a connection whose last packet of the handshake finds the listener gone, and only answers what the client sends then.
        int[] headerBytes = [1, 15, 30, 45];
        for (int round = 0; round < 40; round++)
        {
            ServerSocket server = await ListenAsync(options => options.MaxPendingConnections = 4);
            Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
            Task<SocketError>[] clients = [.. Enumerable.Range(0, 12).Select(i => Task.Run(() => ComeAsync(server.LocalEndPoint, headerBytes[i % headerBytes.Length])))];
            await Task.Run(() => Thread.SpinWait(round * 2_000));
            await server.DisposeAsync();

            // A connection that was handed out is the caller's to close.
            if (await accepting.OutcomeAsync() is null)
            {
                await (await accepting).CloseAsync().Soon();
            }

            await Task.WhenAll(clients).Soon();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    private static async Task<SocketError> ComeAsync(EndPoint server, int headerBytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server);
            if (Equals(socket.LocalEndPoint, server))
            {
                // The server is gone, and the client got its port: it is connected with itself (RFC 9293, 3.5, simultaneous open).
                return SocketError.ConnectionRefused;
            }

            await socket.SendAsync(s_header.AsMemory(0, headerBytes));
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }

        return await socket.EndAsync();
    }

    private async Task<ServerSocket> ListenAsync(Action<ProxyProtocolOptions>? configure = null) =>
        await Selector.Tcp().BindAsync("127.0.0.1", configure: options =>
        {
            options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } };
            configure?.Invoke(options.ProxyProtocol);
        });
}
