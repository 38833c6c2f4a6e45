using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Sluice.Tests.Datagrams;

/// <summary>Sending and receiving datagrams.</summary>
public sealed class DatagramTests(SelectorEngine engine) : BothEngines(engine)
{
    [TestCase("127.0.0.1", 0)]
    [TestCase("127.0.0.1", 1)]
    [TestCase("127.0.0.1", 1200)]
    [TestCase("127.0.0.1", 65_507)]
    [TestCase("::1", 0)]
    [TestCase("::1", 65_507)]
    public async Task A_datagram_comes_as_it_was_sent(string host, int size)
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync(host);
        await using DatagramSocket sender = await Selector.Udp().BindAsync(host);
        byte[] sent = Pattern.Bytes(size);

        await sender.SendAsync(sent, receiver.LocalEndPoint).Soon();
        using Datagram datagram = await receiver.ReceiveAsync().Soon();

        Assert.That(datagram.Payload.ToArray(), Is.EqualTo(sent));
        Assert.That(datagram.RemoteEndPoint, Is.EqualTo(sender.LocalEndPoint));
        Assert.That(datagram.IsTruncated, Is.False);
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task A_longer_datagram_than_there_can_be_is_an_argument_error_before_anything_is_sent(string host)
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync(host);
        await using DatagramSocket connected = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        byte[] tooLong = new byte[65_508];

        Assert.Throws<ArgumentException>(() => _ = receiver.SendAsync(tooLong, receiver.LocalEndPoint).AsTask());
        Assert.Throws<ArgumentException>(() => _ = connected.SendAsync(tooLong).AsTask());
        Assert.Throws<ArgumentException>(() => _ = connected.SendBatchAsync(new OutgoingDatagram[] { new("a"u8.ToArray()), new(tooLong) }).AsTask());
        await connected.SendAsync("b"u8.ToArray()).Soon();
        using Datagram datagram = await receiver.ReceiveAsync().Soon();
        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("b"u8.ToArray()));
    }

    [Test]
    public async Task What_does_not_fit_into_the_callers_memory_is_cut_off_and_said()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        byte[] buffer = new byte[4];
        await sender.SendAsync("12345"u8.ToArray()).Soon();
        await sender.SendAsync("1234"u8.ToArray()).Soon();
        await sender.SendAsync(ReadOnlyMemory<byte>.Empty).Soon();

        DatagramReceiveResult tooLong = await receiver.ReceiveAsync(buffer).Soon();
        DatagramReceiveResult fits = await receiver.ReceiveAsync(buffer).Soon();
        DatagramReceiveResult empty = await receiver.ReceiveAsync(Memory<byte>.Empty).Soon();

        Assert.That((tooLong.Count, tooLong.IsTruncated), Is.EqualTo((4, true)));
        Assert.That((fits.Count, fits.IsTruncated), Is.EqualTo((4, false)));
        Assert.That((empty.Count, empty.IsTruncated), Is.EqualTo((0, false)));
        Assert.That(buffer, Is.EqualTo("1234"u8.ToArray()));
        Assert.That(fits.RemoteEndPoint, Is.EqualTo(sender.LocalEndPoint));
    }

    [Test]
    public async Task What_is_longer_than_the_socket_was_made_for_is_cut_off_and_said()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.MaxDatagramSize = 100);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        byte[] sent = Pattern.Bytes(101);
        await sender.SendAsync(sent).Soon();
        await sender.SendAsync(sent.AsMemory(0, 100)).Soon();

        using Datagram tooLong = await receiver.ReceiveAsync().Soon();
        using Datagram fits = await receiver.ReceiveAsync().Soon();

        Assert.That(tooLong.Payload.ToArray(), Is.EqualTo(sent[..100]));
        Assert.That(tooLong.IsTruncated);
        Assert.That(fits.Payload.ToArray(), Is.EqualTo(sent[..100]));
        Assert.That(fits.IsTruncated, Is.False);
    }

    [Test]
    public async Task A_connected_socket_hears_its_peer_alone()
    {
        await using DatagramSocket peer = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket stranger = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket connected = await Selector.Udp().ConnectAsync("127.0.0.1", peer.Port, local: new IPEndPoint(IPAddress.Loopback, 0));

        await stranger.SendAsync("stranger"u8.ToArray(), connected.LocalEndPoint).Soon();
        await peer.SendAsync("peer"u8.ToArray(), connected.LocalEndPoint).Soon();
        using Datagram datagram = await connected.ReceiveAsync().Soon();

        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("peer"u8.ToArray()));
        Assert.That(datagram.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
        Assert.That(connected.RemoteEndPoint, Is.EqualTo(peer.LocalEndPoint));
        Assert.That(peer.RemoteEndPoint, Is.Null);
    }

    [Test]
    public async Task Where_to_send_is_said_by_the_call_or_by_the_connection_and_not_by_both()
    {
        await using DatagramSocket bound = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket connected = await Selector.Udp().ConnectAsync(bound.LocalEndPoint);

        Assert.Throws<InvalidOperationException>(() => _ = bound.SendAsync(new byte[1]).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = connected.SendAsync(new byte[1], bound.LocalEndPoint).AsTask());
        Assert.Throws<ArgumentNullException>(() => _ = bound.SendAsync(new byte[1], null!).AsTask());
        Assert.Throws<ArgumentException>(() => _ = bound.SendAsync(new byte[1], new DnsEndPoint("localhost", 1)).AsTask());
        Assert.Throws<ArgumentException>(() => _ = bound.SendAsync(new byte[1], new IPEndPoint(IPAddress.IPv6Loopback, 1)).AsTask());
        Assert.Throws<ArgumentException>(
            () => _ = bound.SendBatchAsync(new OutgoingDatagram[] { new(new byte[1], bound.LocalEndPoint), new(new byte[1], new IPEndPoint(IPAddress.IPv6Loopback, 1)) }).AsTask());
    }

    [Test]
    public async Task A_socket_at_every_address_of_both_families_talks_to_both()
    {
        await using DatagramSocket both = await Selector.Udp().BindAsync("::");
        await using DatagramSocket four = await Selector.Udp().ConnectAsync("127.0.0.1", both.Port);
        await using DatagramSocket six = await Selector.Udp().ConnectAsync("::1", both.Port);
        foreach (DatagramSocket client in (DatagramSocket[])[four, six])
        {
            await client.SendAsync("?"u8.ToArray()).Soon();
            using Datagram question = await both.ReceiveAsync().Soon();
            Assert.That(question.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint), "An IPv4 datagram has IPv4 addresses, also at an IPv6 socket.");
            await both.SendAsync("!"u8.ToArray(), question.RemoteEndPoint).Soon();
            await both.SendAsync("!!"u8.ToArray(), client.LocalEndPoint).Soon();
            using Datagram answer = await client.ReceiveAsync().Soon();
            using Datagram second = await client.ReceiveAsync().Soon();

            Assert.That(answer.Payload.Length, Is.EqualTo(1));
            Assert.That(second.Payload.Length, Is.EqualTo(2));
        }
    }

    [Test]
    public async Task A_peer_is_the_same_object_each_time()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket one = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        await using DatagramSocket two = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        var seen = new List<EndPoint>();
        foreach (DatagramSocket sender in (DatagramSocket[])[one, two, one, two])
        {
            await sender.SendAsync(new byte[1]).Soon();
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            seen.Add(datagram.RemoteEndPoint);
        }

        Assert.That(seen[2], Is.SameAs(seen[0]));
        Assert.That(seen[3], Is.SameAs(seen[1]));
        Assert.That(seen[0], Is.Not.EqualTo(seen[1]));
    }

    [Test]
    public async Task All_datagrams_are_enumerated_until_the_socket_is_closed()
    {
        DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        Task<int> counting = Task.Run(async () =>
        {
            int count = 0;
            await foreach (Datagram datagram in receiver.ReceiveAllAsync())
            {
                using (datagram)
                {
                    Assert.That(datagram.Payload.Span[0], Is.EqualTo(count));
                    if (++count == 100)
                    {
                        await receiver.DisposeAsync();
                    }
                }
            }

            return count;
        });

        for (int i = 0; i < 100; i++)
        {
            await sender.SendAsync(new byte[] { (byte)i }).Soon();
        }

        Assert.That(await counting.Soon(), Is.EqualTo(100));
        await receiver.Completion.Soon();
        Assert.That(receiver.IsClosed);
    }

    [Test]
    public async Task A_datagram_that_was_disposed_of_gives_no_bytes_out_and_nothing_back_twice()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        await sender.SendAsync("1"u8.ToArray()).Soon();
        await sender.SendAsync("2"u8.ToArray()).Soon();
        Datagram first = await receiver.ReceiveAsync().Soon();
        Datagram copy = first;
        first.Dispose();
        using Datagram second = await receiver.ReceiveAsync().Soon();
        copy.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _ = first.Payload);
        Assert.Throws<ObjectDisposedException>(() => _ = copy.Payload);
        Assert.That(second.Payload.ToArray(), Is.EqualTo("2"u8.ToArray()));
        Assert.That(default(Datagram).Payload.Length, Is.Zero);
        default(Datagram).Dispose();
    }

    [Test]
    public async Task A_second_receive_at_the_same_time_is_refused_and_disturbs_nothing()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        Task<Datagram> first = receiver.ReceiveAsync().AsTask();

        Assert.Throws<InvalidOperationException>(() => _ = receiver.ReceiveAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = receiver.ReceiveAsync(new byte[1]).AsTask());
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        await sender.SendAsync(new byte[7]).Soon();
        using Datagram datagram = await first.Soon();
        Assert.That(datagram.Payload.Length, Is.EqualTo(7));
    }

    [Test]
    public async Task Several_may_send_at_once()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = 4 * 1024 * 1024);
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1");
        Task[] sending = [.. Enumerable.Range(0, 8).Select(index => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                await sender.SendAsync(new byte[] { (byte)index, (byte)i }, receiver.LocalEndPoint);
            }
        }))];
        int[] next = new int[8];
        for (int i = 0; i < 8 * 50; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            byte index = datagram.Payload.Span[0];
            Assert.That(datagram.Payload.Span[1], Is.EqualTo(next[index]++), "Each sender's datagrams come in its order.");
        }

        await Task.WhenAll(sending).Soon();
    }

    [Test]
    public async Task The_options_of_the_builder_and_of_the_call_are_set_and_can_be_changed()
    {
        UdpSocketBuilder builder = Selector.Udp().Configure(options => options.Broadcast = true);
        await using DatagramSocket socket = await builder.BindAsync("127.0.0.1", 0, options =>
        {
            options.TimeToLive = 7;
            options.MulticastTimeToLive = 8;
            options.MulticastLoopback = false;
            options.ReceiveBufferSize = 50_000;
            options.TypeOfService = 0x10;
        });
        Assert.That(socket.Options.Broadcast);
        Assert.That(socket.Options.TimeToLive, Is.EqualTo(7));
        Assert.That(socket.Options.MulticastTimeToLive, Is.EqualTo(8));
        Assert.That(socket.Options.MulticastLoopback, Is.False);
        Assert.That(socket.Options.ReceiveBufferSize, Is.EqualTo(50_000));
        Assert.That(socket.Options.TypeOfService, Is.EqualTo(0x10));

        socket.Options.Broadcast = false;
        socket.Options.TimeToLive = 9;
        socket.Options.MulticastLoopback = true;
        Assert.That(socket.Options.Broadcast, Is.False);
        Assert.That(socket.Options.TimeToLive, Is.EqualTo(9));
        Assert.That(socket.Options.MulticastLoopback);
        Assert.Throws<ArgumentOutOfRangeException>(() => socket.Options.TimeToLive = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => socket.Options.MulticastTimeToLive = 256);
    }

    [Test]
    public async Task Sockets_that_share_a_port_do_so_only_when_both_say_so()
    {
        await using DatagramSocket first = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReusePort = true);
        await using DatagramSocket second = await Selector.Udp().BindAsync("127.0.0.1", first.Port, options => options.ReusePort = true);

        Exception? failure = await Selector.Udp().BindAsync("127.0.0.1", first.Port).OutcomeAsync();

        Assert.That(second.Port, Is.EqualTo(first.Port));
        Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(failure!.Message, Does.Contain($"127.0.0.1:{first.Port}"));
    }

    [Test]
    public async Task Packet_info_says_at_which_address_and_interface_a_datagram_came()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("0.0.0.0", 0, options => options.ReceivePacketInfo = true);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync("127.0.0.3", receiver.Port);
        await sender.SendAsync(new byte[1]).Soon();

        DatagramReceiveResult result = await receiver.ReceiveAsync(new byte[1]).Soon();

        Assert.That(result.Info.LocalAddress, Is.EqualTo(IPAddress.Parse("127.0.0.3")));
        Assert.That(result.Info.InterfaceIndex, Is.Positive);
        Assert.That(result.Info.TimeToLive, Is.Null);
        Assert.That(result.Info.TrafficClass, Is.Null);
    }

    [Test]
    public async Task Packet_info_is_told_for_IPv6_too()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("::", 0, options => options.ReceivePacketInfo = true);
        foreach (string host in (string[])["::1", "127.0.0.1"])
        {
            await using DatagramSocket sender = await Selector.Udp().ConnectAsync(host, receiver.Port);
            await sender.SendAsync(new byte[1]).Soon();

            DatagramReceiveResult result = await receiver.ReceiveAsync(new byte[1]).Soon();

            Assert.That(result.Info.LocalAddress, Is.EqualTo(IPAddress.Parse(host)));
            Assert.That(result.RemoteEndPoint, Is.EqualTo(sender.LocalEndPoint));
            Assert.That(result.Info.InterfaceIndex, Is.EqualTo(NetworkInterface.LoopbackInterfaceIndex));
        }
    }

    [TestCase("127.0.0.1", "127.0.0.1")]
    [TestCase("::1", "::1")]
    [TestCase("::", "127.0.0.1")]
    public async Task Time_to_live_and_congestion_marks_are_told_where_they_can_be(string host, string peer)
    {
        Task<DatagramSocket> making = Selector.Udp().BindAsync(host, 0, options =>
        {
            options.ReceiveTimeToLive = true;
            options.ReceiveTrafficClass = true;
        }).AsTask();
        if (Engine == SelectorEngine.Portable)
        {
            Exception? failure = await making.OutcomeAsync();
            Assert.That(failure, Is.TypeOf<PlatformNotSupportedException>().With.Message.Contains("ReceiveTimeToLive"));
            return;
        }

        await using DatagramSocket receiver = await making;
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(peer, receiver.Port, configure: options =>
        {
            options.TimeToLive = 33;
            options.TypeOfService = 0x28 | (int)EcnCodepoint.Ect0;
        });
        await sender.SendAsync(new byte[1]).Soon();
        DatagramReceiveResult first = await receiver.ReceiveAsync(new byte[1]).Soon();
        sender.Options.TypeOfService = (int)EcnCodepoint.NotEct;
        await sender.SendAsync(new byte[1]).Soon();
        DatagramReceiveResult second = await receiver.ReceiveAsync(new byte[1]).Soon();

        Assert.That(first.Info.TimeToLive, Is.EqualTo(33));
        Assert.That(first.Info.TrafficClass, Is.EqualTo(0x2a));
        Assert.That(first.Info.Ecn, Is.EqualTo(EcnCodepoint.Ect0));
        Assert.That(second.Info.Ecn, Is.EqualTo(EcnCodepoint.NotEct));
        Assert.That(second.Info.LocalAddress, Is.Null);
    }

    [Test]
    public async Task Groups_that_are_none_are_refused()
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");

        Assert.Throws<ArgumentException>(() => socket.JoinGroup(IPAddress.Loopback));
        Assert.Throws<ArgumentException>(() => socket.JoinGroup(IPAddress.Parse("239.1.2.3"), IPAddress.IPv6Loopback));
        Assert.Throws<ArgumentOutOfRangeException>(() => socket.JoinGroup(IPAddress.Parse("239.1.2.3"), -1));
        Assert.Throws<SocketException>(() => socket.LeaveGroup(IPAddress.Parse("239.1.2.3")));
    }
}
