using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Tests.Serving;

/// <summary>Hand-overs of listeners with TLS and PROXY headers: the successor puts these on again.</summary>
[Platform("Linux")]
public sealed class LayeredHandOverTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly X509Certificate2 s_next = DevelopmentCertificates.CreateServer(Authority);

    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_handshake_that_has_not_begun_ends_where_it_was_accepted([Values] bool byHand)
    {
        await using var successor = new SelectorManager(new SelectorOptions { Engine = Engine });
        ServerSocket old = (await Selector.Tcp().BindAsync("127.0.0.1")).UseTls(ServerCertificate);
        Task serving = byHand ? AcceptByHandAsync(old) : old.ServeAsync(EchoAsync);
        StreamSocket slow = await successor.Tcp().ConnectAsync(old.LocalEndPoint).Soon();
        await UntilAcceptedAsync(1);

        ServerSocket fresh = (await HandOverAsync(old, successor)).UseTls(s_next);
        Task more = fresh.ServeAsync(EchoAsync);

        await using Connection secured = await slow.OpenConnection().UpgradeToTlsClientAsync(Trusting()).AsTask().Soon();
        Assert.That(secured.Tls!.RemoteCertificate!.GetCertHashString(), Is.EqualTo(ServerCertificate.GetCertHashString()));
        await AskAsync(secured);
        await using (StreamSocket late = await successor.Tcp().ConnectTlsAsync("127.0.0.1", fresh.Port, Trusting()).Soon())
        {
            Assert.That(late.Tls!.RemoteCertificate!.GetCertHashString(), Is.EqualTo(s_next.GetCertHashString()));
            await AskAsync(late.OpenConnection());
        }

        Assert.That(serving.IsCompleted, Is.False);
        await secured.CloseAsync().Soon();
        await serving.Soon();
        await fresh.StopAsync(Patience).Soon();
        await more.Soon();
    }

    [Test]
    public async Task A_header_of_which_half_has_come_is_read_to_its_end()
    {
        await using var successor = new SelectorManager(new SelectorOptions { Engine = Engine });
        ServerSocket old = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.ProxyProtocol = Trusted());
        Task serving = old.ServeAsync(EchoAsync);
        using Socket slow = await Peers.ConnectAsync(old.LocalEndPoint);
        await slow.SendAsync("PROXY TCP4 192.0.2.1 "u8.ToArray());
        await UntilAcceptedAsync(1);

        ServerSocket fresh = (await HandOverAsync(old, successor)).UseProxyProtocol(Trusted());
        Task more = fresh.ServeAsync(EchoAsync);

        await slow.SendAsync("198.51.100.1 11 12\r\nline\n"u8.ToArray());
        Assert.That(await slow.ReceiveAsync(new byte[100]).Soon(), Is.Positive);
        slow.Shutdown(SocketShutdown.Send);
        await serving.Soon();
        using Socket late = await Peers.ConnectAsync(fresh.LocalEndPoint);
        await late.SendAsync("PROXY TCP4 192.0.2.2 198.51.100.1 11 12\r\nline\n"u8.ToArray());
        Assert.That(await late.ReceiveAsync(new byte[100]).Soon(), Is.Positive);
        late.Shutdown(SocketShutdown.Send);
        await fresh.StopAsync(Patience).Soon();
        await more.Soon();
    }

    [Test]
    public async Task No_handshake_fails_while_processes_take_the_listener_over()
    {
        ChildProcess current = ChildProcess.Start(["succeed-layered", Engine.ToString(), "127.0.0.1:0", _folder["door"]]);
        int port = IPEndPoint.Parse((await current.ReadLineAsync()).Split(' ')[1]).Port;
        var servers = new HashSet<string>();
        using var stop = new CancellationTokenSource();
        Task[] asking = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(AskOnAndOnAsync))];
        for (int i = 1; i <= 4; i++)
        {
            await UntilServedByAsync(i);
            ChildProcess next = ChildProcess.Start(["succeed-layered", Engine.ToString(), "-", _folder["door"]]);
            Task<string> taking = next.ReadLineAsync();
            await (await Task.WhenAny([taking, .. asking]).Soon());
            Assert.That(await taking.Soon(), Does.StartWith("taken "));
            Assert.That(await current.ReadLineAsync(), Is.EqualTo("done"));
            await current.DisposeAsync();
            current = next;
        }

        await UntilServedByAsync(5);
        await stop.CancelAsync();
        await Task.WhenAll(asking).Soon();
        current.Kill();
        await current.DisposeAsync();

        Task UntilServedByAsync(int count) => Waiting.UntilAsync(() =>
        {
            lock (servers)
            {
                return servers.Count >= count || asking.Any(client => client.IsCompleted);
            }
        });

        async Task AskOnAndOnAsync()
        {
            var header = new ProxyHeader(IPEndPoint.Parse("192.0.2.7:4711"), IPEndPoint.Parse("198.51.100.1:443"));
            var accepting = new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null };

            // The first handshake of a process that has just started takes its time.
            var patient = new TlsOptions { HandshakeTimeout = Patience };
            while (!stop.IsCancellationRequested)
            {
                await using StreamSocket socket = await Selector.Tcp().ConnectTlsAsync(
                    "127.0.0.1", port, accepting, patient, options => options.ProxyHeader = header).Soon();
                Connection connection = socket.OpenConnection();
                await connection.Output.WriteLineAsync("line").Soon();
                string server = (await connection.Input.ReadLineAsync().Soon())!;
                lock (servers)
                {
                    servers.Add(server);
                }
            }
        }
    }

    [Test]
    public async Task It_does_not_wait_for_room_among_those_that_have_sent_no_header()
    {
        await using var successor = new SelectorManager(new SelectorOptions { Engine = Engine });
        ProxyProtocolOptions one = Trusted();
        one.MaxPendingConnections = 1;
        ServerSocket old = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.ProxyProtocol = one);
        Task serving = AcceptByHandAsync(old, accepts: 1);
        using Socket first = await Peers.ConnectAsync(old.LocalEndPoint);
        await first.SendAsync("PROXY TCP4 192.0.2.1 198.51.100.1 11 12\r\n"u8.ToArray());
        await UntilAcceptedAsync(1);
        using Socket second = await Peers.ConnectAsync(old.LocalEndPoint);
        await second.SendAsync("PROXY TCP4 192.0.2.2 198.51.100.1 11 12\r\n"u8.ToArray());
        await UntilAcceptedAsync(2);
        using Socket third = await Peers.ConnectAsync(old.LocalEndPoint);
        await third.SendAsync("PROXY TCP4 192.0.2.3 198.51.100.1 11 12\r\n"u8.ToArray());
        await UntilAcceptedAsync(3);

        ServerSocket fresh = await HandOverAsync(old, successor);

        Assert.That((await old.AcceptAsync().Soon()).RemoteEndPoint, Is.EqualTo(IPEndPoint.Parse("192.0.2.2:11")));
        Assert.That((await old.AcceptAsync().Soon()).RemoteEndPoint, Is.EqualTo(IPEndPoint.Parse("192.0.2.3:11")));
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await old.AcceptAsync().Soon());
        first.Shutdown(SocketShutdown.Send);
        await serving.Soon();
        await fresh.DisposeAsync();
    }

    [Test]
    public async Task The_proxy_protocol_is_set_up_once_and_before_the_first_accept()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Assert.Throws<ArgumentException>(() => server.UseProxyProtocol(new ProxyProtocolOptions()));
        Assert.That(server.UseProxyProtocol(Trusted()), Is.SameAs(server));
        Assert.That(() => server.UseProxyProtocol(Trusted()), Throws.InvalidOperationException.With.Message.Contains("already"));
        await using ServerSocket other = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = other.AcceptAsync().AsTask();
        Assert.That(() => other.UseProxyProtocol(Trusted()), Throws.InvalidOperationException.With.Message.Contains("before"));
        await other.DisposeAsync();
        await accepting.OutcomeAsync();
        Assert.Throws<ObjectDisposedException>(() => other.UseProxyProtocol(Trusted()));
    }

    private static ProxyProtocolOptions Trusted() => new() { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } };

    private async Task<ServerSocket> HandOverAsync(ServerSocket old, SelectorManager successor)
    {
        (StreamSocket here, StreamSocket there) = await Selector.Unix().CreatePairAsync();
        Task handing = old.HandOverAsync(here);
        ServerSocket fresh = await successor.TakeOverAsync(there).Soon();
        await handing.Soon();
        Assert.That(old.IsClosed);
        return fresh;
    }

    private Task UntilAcceptedAsync(int count) => Waiting.UntilAsync(() => Selector.Sockets.Open.Count == count + 1);

    private static async Task AcceptByHandAsync(ServerSocket server, int accepts = int.MaxValue)
    {
        var handlers = new List<Task>();
        try
        {
            while (accepts-- > 0)
            {
                StreamSocket accepted = await server.AcceptAsync();
                handlers.Add(HandleAsync(accepted));
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener has gone over, and all that came here is accepted.
        }

        await Task.WhenAll(handlers);

        static async Task HandleAsync(StreamSocket socket)
        {
            await using Connection connection = socket.OpenConnection();
            await EchoAsync(connection, CancellationToken.None);
        }
    }

    private static async Task AskAsync(Connection connection)
    {
        await connection.Output.WriteLineAsync("line").Soon();
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("line"));
    }

    private static async Task EchoAsync(Connection connection, CancellationToken token)
    {
        while (await connection.Input.ReadLineAsync(token) is { } line)
        {
            await connection.Output.WriteLineAsync(line, token);
        }
    }
}
