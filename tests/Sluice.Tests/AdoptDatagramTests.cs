using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests;

public sealed class AdoptDatagramTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_bound_socket_goes_on_receiving_and_keeps_what_had_come_before([Values] bool unix, [Values] bool byHandle)
    {
        Socket socket = Bound(unix);
        EndPoint local = socket.LocalEndPoint!;
        using Socket peer = Bound(unix);
        await peer.SendToAsync(new byte[3], local);

        await using DatagramSocket ours = byHandle ? Selector.AdoptDatagram(socket.SafeHandle) : Selector.AdoptDatagram(socket);

        Assert.That(ours.LocalEndPoint, Is.EqualTo(local));
        Assert.That(ours.RemoteEndPoint, Is.Null);
        using Datagram early = await ours.ReceiveAsync().Soon();
        Assert.That(early.Payload.Length, Is.EqualTo(3));
        for (int i = 1; i < 50; i++)
        {
            ValueTask<Datagram> receiving = ours.ReceiveAsync();
            await peer.SendToAsync(new byte[i], local);
            using Datagram datagram = await receiving.Soon();
            Assert.That((datagram.Payload.Length, datagram.RemoteEndPoint), Is.EqualTo((i, peer.LocalEndPoint)));
            await ours.SendAsync(new byte[i + 1], datagram.RemoteEndPoint).Soon();
            Assert.That(await peer.ReceiveAsync(new byte[100]), Is.EqualTo(i + 1));
        }

        GC.KeepAlive(socket);
    }

    [Test]
    public async Task A_connected_socket_stays_connected_and_gets_the_options()
    {
        using Socket peer = Bound(unix: false);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(peer.LocalEndPoint!);
        await using DatagramSocket ours = Selector.AdoptDatagram(socket, options =>
        {
            options.TimeToLive = 7;
            options.ReceivePacketInfo = true;
        });
        Assert.That(ours.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
        Assert.That(ours.Options.TimeToLive, Is.EqualTo(7));
        await ours.SendAsync(new byte[2]).Soon();
        Assert.That(await peer.ReceiveAsync(new byte[10]), Is.EqualTo(2));
        await peer.SendToAsync(new byte[5], ours.LocalEndPoint);
        using Datagram datagram = await ours.ReceiveAsync().Soon();
        Assert.That((datagram.Payload.Length, datagram.Info.LocalAddress), Is.EqualTo((5, IPAddress.Loopback)));
    }

    [Test]
    public async Task What_is_of_another_kind_is_refused_and_stays_the_callers()
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Selector.AdoptDatagram(listening))!;
        Assert.Throws<ArgumentException>(() => Selector.AdoptDatagram(listening.SafeHandle));
        Assert.That(refused.Message, Does.Contain("Stream").And.Contain("Dgram"));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listening.LocalEndPoint!).Soon();
    }

    [Test]
    public async Task Adopting_leaves_no_descriptor_behind()
    {
        int before = Descriptors.Count();
        for (int i = 0; i < 50; i++)
        {
            await Selector.AdoptDatagram(Bound(unix: false)).DisposeAsync();
            await Selector.AdoptDatagram(Bound(unix: true)).DisposeAsync();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    private Socket Bound(bool unix)
    {
        Socket socket = unix
            ? new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(unix ? new UnixDomainSocketEndPoint(_folder[Guid.NewGuid().ToString("N")[..8]]) : new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
