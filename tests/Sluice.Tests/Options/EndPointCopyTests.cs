using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Options;

/// <summary>A caller may change an end point that it was given, as every <see cref="IPEndPoint"/>: what the socket says and does stays as it was.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class EndPointCopyTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task An_end_point_of_a_type_of_the_users_is_asked_for_nothing_once_the_connection_is_made()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var given = new OwnEndPoint(server.Port);
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(given).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        int calls = given.Calls;
        accepted.Abort();

        Exception? failure = await client.OpenReadChannel().ReadLineAsync().OutcomeAsync().Soon();

        Assert.That(failure!.Message, Does.StartWith($"Reading from 127.0.0.1:{server.Port}: "));
        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
        Assert.That(given.Calls, Is.EqualTo(calls));
    }

    [Test]
    public async Task A_datagram_goes_where_the_end_point_said_when_it_was_sent()
    {
        await using DatagramSocket one = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket other = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1");
        var given = new OwnEndPoint(one.Port);
        await sender.SendAsync("to one"u8.ToArray(), given).Soon();
        given.Port = other.Port;
        await sender.SendAsync("to the other"u8.ToArray(), given).Soon();
        await sender.SendAsync("to one again"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, one.Port)).Soon();

        Assert.That(await ReceiveAsync(one), Is.EqualTo("to one"));
        Assert.That(await ReceiveAsync(one), Is.EqualTo("to one again"));
        Assert.That(await ReceiveAsync(other), Is.EqualTo("to the other"));
    }

    private static async Task<string> ReceiveAsync(DatagramSocket socket)
    {
        using Datagram datagram = await socket.ReceiveAsync().Soon();
        return System.Text.Encoding.ASCII.GetString(datagram.Payload.Span);
    }

    [Test]
    public async Task A_server_says_where_it_listens_whatever_callers_do_with_it([Values("127.0.0.1", "localhost")] string host)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync(host);
        int port = server.Port;

        Spoil(server.LocalEndPoint);
        foreach (EndPoint each in server.LocalEndPoints)
        {
            Spoil(each);
        }

        Assert.That(server.Port, Is.EqualTo(port));
        Assert.That(server.LocalEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Loopback, port)));
        Assert.That(server.LocalEndPoints[0], Is.EqualTo(server.LocalEndPoint));
        Assert.That(Selector.Describe().Sockets.Select(socket => socket.LocalEndPoint), Does.Contain($"127.0.0.1:{port}"));
    }

    [Test]
    public async Task A_connection_says_where_its_ends_are_whatever_callers_do_with_them()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        await using StreamSocket client = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        var at = new IPEndPoint(IPAddress.Loopback, server.Port);
        var from = new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)client.LocalEndPoint).Port);
        foreach (StreamSocket socket in (StreamSocket[])[client, accepted])
        {
            Spoil(socket.LocalEndPoint);
            Spoil(socket.RemoteEndPoint);
            Spoil(socket.TransportRemoteEndPoint);
            Connection connection = socket.OpenConnection();
            Spoil(connection.LocalEndPoint);
            Spoil(connection.RemoteEndPoint);
        }

        Assert.That((client.LocalEndPoint, client.RemoteEndPoint, client.TransportRemoteEndPoint), Is.EqualTo((from, at, at)));
        Assert.That((accepted.LocalEndPoint, accepted.RemoteEndPoint, accepted.TransportRemoteEndPoint), Is.EqualTo((at, from, from)));
    }

    [Test]
    public async Task What_a_PROXY_header_said_stays_what_it_said()
    {
        var source = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4000);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } });
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync("PROXY TCP4 192.0.2.7 192.0.2.8 4000 80\r\n"u8.ToArray());
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Spoil(accepted.RemoteEndPoint);
        Spoil(accepted.ProxyHeader!.Source!);

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(source));
    }

    [Test]
    public async Task An_end_point_that_is_connected_to_may_be_changed_once_the_call_has_returned()
    {
        await using ServerSocket proxy = await Selector.Tcp().BindAsync("127.0.0.1");
        var through = new IPEndPoint(IPAddress.Loopback, proxy.Port);
        var target = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 80);
        var local = new IPEndPoint(IPAddress.Loopback, 0);
        TcpSocketBuilder tcp = Selector.Tcp().Configure(options => options.LocalEndPoint = local);
        ProxyConnector connector = tcp.ViaHttpConnect(through);
        Spoil(through);
        Spoil(local);

        Task<StreamSocket> connecting = connector.ConnectAsync(target).AsTask();
        Spoil(target);

        await using StreamSocket accepted = await proxy.AcceptAsync().Soon();
        Connection connection = accepted.OpenConnection();
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Does.StartWith("CONNECT 192.0.2.7:80 "));
        await connection.Output.WriteStringAsync("HTTP/1.1 200 OK\r\n\r\n").Soon();
        await using StreamSocket client = await connecting.Soon();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 80)));
    }

    private static void Spoil(EndPoint endPoint)
    {
        var ip = (IPEndPoint)endPoint;
        ip.Port = 9;
        ip.Address = IPAddress.Parse("203.0.113.9");
    }

    private sealed class OwnEndPoint(int port) : EndPoint
    {
        private readonly SocketAddress _address = new IPEndPoint(IPAddress.Loopback, port).Serialize();

        public int Calls { get; private set; }

        public override AddressFamily AddressFamily => AddressFamily.InterNetwork;

        public int Port
        {
            set => new IPEndPoint(IPAddress.Loopback, value).Serialize().Buffer.Span[.._address.Size].CopyTo(_address.Buffer.Span);
        }

        // The same object each time, as the pools of some libraries have it.
        public override SocketAddress Serialize()
        {
            Calls++;
            return _address;
        }

        public override string ToString()
        {
            Calls++;
            return "own";
        }
    }
}
