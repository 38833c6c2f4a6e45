using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Datagrams;

/// <summary>A datagram names its true sender, however many send to the socket, and whatever the caller does with the end point it got.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class DatagramSourceTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("127.0.0.1", "127.0.0.1", false)]
    [TestCase("127.0.0.1", "127.0.0.1", true)]
    [TestCase("::1", "::1", false)]
    [TestCase("::1", "::1", true)]
    [TestCase("::", "127.0.0.1", false)]
    [TestCase("::", "127.0.0.1", true)]
    public async Task What_strangers_sent_before_a_socket_was_connected_is_not_handed_out(string host, string peerHost, bool packetInfo)
    {
        await using DatagramSocket peer = await Selector.Udp().BindAsync(peerHost);
        await using DatagramSocket stranger = await Selector.Udp().BindAsync(peerHost);
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        await using DatagramSocket connected = await AdoptAsync(
            host == "127.0.0.1" ? new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) : socket,
            new IPEndPoint(IPAddress.Parse(host), 0),
            peer,
            async local =>
            {
                // One by one, and as a train that the kernel keeps together.
                var to = new IPEndPoint(IPAddress.Parse(peerHost), ((IPEndPoint)local).Port);
                await stranger.SendAsync("stranger"u8.ToArray(), to).Soon();
                OutgoingDatagram[] train = [.. Enumerable.Range(0, 40).Select(_ => new OutgoingDatagram(new byte[100], to))];
                Assert.That(await stranger.SendBatchAsync(train).Soon(), Is.EqualTo(40));
                await peer.SendAsync("early"u8.ToArray(), to).Soon();
                await stranger.SendAsync("again"u8.ToArray(), to).Soon();
            },
            packetInfo);

        using Datagram early = await connected.ReceiveAsync().Soon();
        Assert.That(early.Payload.ToArray(), Is.EqualTo("early"u8.ToArray()));
        Assert.That(early.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
        ValueTask<Datagram> receiving = connected.ReceiveAsync();
        await peer.SendAsync("peer"u8.ToArray(), new IPEndPoint(IPAddress.Parse(peerHost), connected.Port)).Soon();
        using Datagram datagram = await receiving.Soon();
        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("peer"u8.ToArray()));
        Assert.That(datagram.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
        Assert.That(connected.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
    }

    [Test]
    public async Task A_connected_Unix_socket_hands_out_nothing_of_strangers_with_or_without_a_name([Values] bool named)
    {
        await using DatagramSocket peer = await Selector.Unix().BindDatagramAsync(_folder["peer"]);
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        if (named)
        {
            stranger.Bind(new UnixDomainSocketEndPoint(_folder["stranger"]));
        }

        await using DatagramSocket connected = await AdoptAsync(
            new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified),
            new UnixDomainSocketEndPoint(_folder["connected"]),
            peer,
            async local =>
            {
                await stranger.SendToAsync("stranger"u8.ToArray(), local);
                await peer.SendAsync("early"u8.ToArray(), local).Soon();
                await stranger.SendToAsync("again"u8.ToArray(), local);
            });

        using Datagram early = await connected.ReceiveAsync().Soon();
        Assert.That(early.Payload.ToArray(), Is.EqualTo("early"u8.ToArray()));
        ValueTask<Datagram> receiving = connected.ReceiveAsync();
        await peer.SendAsync("peer"u8.ToArray(), connected.LocalEndPoint).Soon();
        using Datagram datagram = await receiving.Soon();
        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("peer"u8.ToArray()));
        Assert.That(datagram.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
    }

    [Test]
    public async Task A_peer_that_is_said_as_any_address_is_this_machine()
    {
        await using DatagramSocket peer = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket connected = await Selector.Udp().ConnectAsync(new IPEndPoint(IPAddress.Any, peer.Port));

        await connected.SendAsync("?"u8.ToArray()).Soon();
        using Datagram question = await peer.ReceiveAsync().Soon();
        await peer.SendAsync("!"u8.ToArray(), question.RemoteEndPoint).Soon();
        using Datagram answer = await connected.ReceiveAsync().Soon();

        Assert.That(connected.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
        Assert.That(answer.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
    }

    [TestCase("127.0.0.1", "127.0.0.1")]
    [TestCase("::1", "::1")]
    [TestCase("::", "127.0.0.1")]
    public async Task An_end_point_that_a_caller_changes_is_not_what_the_next_datagram_says(string host, string senderHost)
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync(host, configure: options => options.ReceivePacketInfo = true);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(senderHost, receiver.Port);
        foreach (Action<IPEndPoint> change in Changes())
        {
            OutgoingDatagram[] train = [.. Enumerable.Range(0, 5).Select(_ => new OutgoingDatagram(new byte[100]))];
            Assert.That(await sender.SendBatchAsync(train).Soon(), Is.EqualTo(5));
            for (int i = 0; i < 5; i++)
            {
                using Datagram datagram = await receiver.ReceiveAsync().Soon();
                Assert.That(datagram.RemoteEndPoint, Is.EqualTo(sender.LocalEndPoint));
                Assert.That(datagram.Info.LocalAddress, Is.EqualTo(IPAddress.Parse(senderHost)));
                change((IPEndPoint)datagram.RemoteEndPoint);
                change(new IPEndPoint(datagram.Info.LocalAddress!, 0));
            }
        }
    }

    [Test]
    public async Task End_points_that_a_caller_has_or_gave_may_be_changed_without_changing_the_socket()
    {
        await using DatagramSocket peer = await Selector.Udp().BindAsync("127.0.0.1");
        EndPoint peerAt = peer.LocalEndPoint;
        var given = new IPEndPoint(new IPAddress([127, 0, 0, 1]), peer.Port);
        await using DatagramSocket connected = await Selector.Udp().ConnectAsync(given, new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint connectedAt = connected.LocalEndPoint;
        int port = connected.Port;
        foreach (Action<IPEndPoint> change in Changes())
        {
            change(given);
            change((IPEndPoint)connected.RemoteEndPoint!);
            change((IPEndPoint)connected.LocalEndPoint);
            await peer.SendAsync(new byte[1], new IPEndPoint(IPAddress.Loopback, port)).Soon();
            using Datagram datagram = await connected.ReceiveAsync().Soon();
            Assert.That(datagram.RemoteEndPoint, Is.EqualTo(peerAt));
            change((IPEndPoint)datagram.RemoteEndPoint);

            Assert.That(connected.RemoteEndPoint, Is.EqualTo(peerAt));
            Assert.That(connected.LocalEndPoint, Is.EqualTo(connectedAt));
            Assert.That(connected.Port, Is.EqualTo(port));
        }
    }

    private static IEnumerable<Action<IPEndPoint>> Changes()
    {
        yield return endPoint => endPoint.Port ^= 1;
        yield return endPoint => endPoint.Address = IPAddress.Parse("192.0.2.1");
        yield return endPoint => endPoint.Address = IPAddress.Parse("2001:db8::1");
        yield return endPoint => endPoint.Address = endPoint.Address.MapToIPv6();
        yield return ChangeAddress;
    }

    // The address object itself.
    private static void ChangeAddress(IPEndPoint endPoint)
    {
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
        {
            endPoint.Address.ScopeId = 7;
            return;
        }

#pragma warning disable CS0618 // Obsolete, and there all the same.
        endPoint.Address.Address = 0x01020304;
#pragma warning restore CS0618
    }

    // A socket that was bound, sent to, and then connected.
    private async Task<DatagramSocket> AdoptAsync(Socket socket, EndPoint local, DatagramSocket peer, Func<EndPoint, Task> sendAsync, bool packetInfo = false)
    {
        socket.Bind(local);
        await sendAsync(socket.LocalEndPoint!);
        await socket.ConnectAsync(peer.LocalEndPoint);
        return Selector.AdoptDatagram(socket, options => options.ReceivePacketInfo = packetInfo);
    }
}
