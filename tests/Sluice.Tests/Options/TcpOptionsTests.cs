using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Tests.Options;

/// <summary>Options that most sockets never set.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TcpOptionsTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_listener_whose_connections_linger_has_left_its_port_when_it_is_closed()
    {
        IPEndPoint at = FreeAddress.Take();
        for (int i = 0; i < 50; i++)
        {
            await using ServerSocket server = await Selector.Tcp().BindAsync(at, options => options.Accepted.LingerSeconds = 5);
        }
    }

    [Test]
    public async Task Options_that_a_callback_keeps_are_no_longer_those_of_the_listener()
    {
        StreamSocketOptions? kept = null;
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => kept = options.Accepted);
        kept!.SocketTimeout = TimeSpan.FromSeconds(7);
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(accepted.Options.SocketTimeout, Is.EqualTo(Timeout.InfiniteTimeSpan));
    }

    [Test]
    [Platform("Linux", Reason = "The number of the option.")]
    public async Task An_option_by_number_is_set_on_Unix_domain_sockets_too()
    {
        const int socketLevel = 1;
        const int priority = 12;
        UnixSocketBuilder builder = Selector.Unix().Configure(options => options.SetRaw(socketLevel, priority, BitConverter.GetBytes(3)));
        (StreamSocket one, StreamSocket other) = await builder.CreatePairAsync();
        byte[] value = new byte[sizeof(int)];
        Assert.That(one.Options.GetRaw(socketLevel, priority, value), Is.EqualTo(sizeof(int)));
        Assert.That(BitConverter.ToInt32(value), Is.EqualTo(3));
        one.Abort();
        other.Abort();

        Assert.ThrowsAsync<SocketException>(async () =>
            await Selector.Unix().Configure(options => options.SetRaw(socketLevel, 9999, BitConverter.GetBytes(3))).CreatePairAsync());
    }

    [Test]
    public async Task What_is_set_beforehand_is_on_the_sockets_of_both_sides()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector, options =>
        {
            options.KeepAlive = true;
            options.KeepAliveTime = TimeSpan.FromMilliseconds(90_001);
            options.KeepAliveInterval = TimeSpan.FromSeconds(7);
            options.KeepAliveCount = 4;
        });
        await using (client)
        await using (accepted)
        {
            foreach (StreamSocket socket in new[] { client, accepted })
            {
                Assert.That(socket.Options.KeepAliveTime, Is.EqualTo(TimeSpan.FromSeconds(91)), "What is between two steps is rounded up.");
                Assert.That(socket.Options.KeepAliveInterval, Is.EqualTo(TimeSpan.FromSeconds(7)));
                Assert.That(socket.Options.KeepAliveCount, Is.EqualTo(4));
            }
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task What_only_linux_has_is_on_the_sockets_of_both_sides()
    {
        byte[] on = BitConverter.GetBytes(1);
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector, options =>
        {
            options.UserTimeout = TimeSpan.FromSeconds(30);
            options.QuickAck = false;
            options.CongestionControl = "reno";
            options.SetRaw(6, 16, on); // TCP_THIN_LINEAR_TIMEOUTS
        });
        await using (client)
        await using (accepted)
        {
            foreach (StreamSocket socket in new[] { client, accepted })
            {
                byte[] raw = new byte[4];
                Assert.That(socket.Options.UserTimeout, Is.EqualTo(TimeSpan.FromSeconds(30)));
                Assert.That(socket.Options.CongestionControl, Is.EqualTo("reno"));
                Assert.That(socket.Options.GetRaw(6, 16, raw), Is.EqualTo(4));
                Assert.That(MemoryMarshal.Read<int>(raw), Is.Not.Zero);
            }
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task Each_is_read_and_set_live()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);
        await using (client)
        await using (accepted)
        {
            LiveStreamOptions options = client.Options;
            options.KeepAliveTime = TimeSpan.FromSeconds(11);
            options.KeepAliveInterval = TimeSpan.FromSeconds(12);
            options.KeepAliveCount = 13;
            options.UserTimeout = TimeSpan.FromSeconds(14);
            options.QuickAck = true;
            options.CongestionControl = "reno";
            options.SetRaw(6, 16, BitConverter.GetBytes(1));
            byte[] raw = new byte[4];
            options.GetRaw(6, 16, raw);

            Assert.That(options.KeepAliveTime, Is.EqualTo(TimeSpan.FromSeconds(11)));
            Assert.That(options.KeepAliveInterval, Is.EqualTo(TimeSpan.FromSeconds(12)));
            Assert.That(options.KeepAliveCount, Is.EqualTo(13));
            Assert.That(options.UserTimeout, Is.EqualTo(TimeSpan.FromSeconds(14)));
            Assert.That(options.QuickAck, Is.True);
            Assert.That(options.CongestionControl, Is.EqualTo("reno"));
            Assert.That(MemoryMarshal.Read<int>(raw), Is.Not.Zero);
            Assert.That(options.Device, Is.Empty);
            options.UserTimeout = TimeSpan.Zero;
            Assert.That(options.UserTimeout, Is.EqualTo(TimeSpan.Zero));
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task Mark_device_and_busy_poll_are_set_by_who_may()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("These need root.");
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        await using StreamSocket client = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port, options =>
        {
            options.Mark = 0xcafe;
            options.Device = "lo";
            options.BusyPoll = TimeSpan.FromMicroseconds(50);
        }).Soon();

        Assert.That(client.Options.Mark, Is.EqualTo(0xcafe));
        Assert.That(client.Options.Device, Is.EqualTo("lo"));
        Assert.That(client.Options.BusyPoll, Is.EqualTo(TimeSpan.FromMicroseconds(50)));
        client.Options.Mark = 1;
        client.Options.Device = string.Empty;
        client.Options.BusyPoll = TimeSpan.Zero;
        Assert.That(client.Options.Mark, Is.EqualTo(1));
        Assert.That(client.Options.Device, Is.Empty);
        Assert.That(client.Options.BusyPoll, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task An_ipv6_listener_takes_clients_of_both_families_unless_it_is_told_otherwise([Values] bool alone)
    {
        await using (await IPv6Loopback.ListenAsync(Selector))
        {
            // Ignored where there is no IPv6.
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("::", 0, options => options.IPv6Only = alone);
        if (alone)
        {
            SocketException refused = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon())!;
            Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        }
        else
        {
            await using StreamSocket client = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
        }

        await using StreamSocket six = await Selector.Tcp().ConnectAsync("::1", server.Port).Soon();
        Assert.That(six.Options.IPv6Only, Is.False);
    }

    [Test]
    [Platform("Linux")]
    public async Task An_address_that_is_not_there_can_be_bound_with_free_bind()
    {
        var nowhere = new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0);
        SocketException refused = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().BindAsync(nowhere))!;
        Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.AddressNotAvailable));

        await using ServerSocket server = await Selector.Tcp().BindAsync(nowhere, options => options.FreeBind = true);

        Assert.That(((IPEndPoint)server.LocalEndPoint).Address, Is.EqualTo(nowhere.Address));
    }

    [Test]
    [Platform("Linux")]
    public async Task A_deferred_accept_waits_for_the_first_byte()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.DeferAccept = TimeSpan.FromSeconds(60));
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        // Waits out an accept that does not wait for the first byte.
        await Task.Delay(100);
        Assert.That(accepting.IsCompleted, Is.False);

        await client.SendAsync("x"u8.ToArray()).Soon();

        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(await accepted.OpenReadChannel().ReadByteAsync().Soon(), Is.EqualTo((byte)'x'));
    }

    [Test]
    [Platform("Linux")]
    public async Task Fast_open_is_set_on_both_sides_and_the_connection_works()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.FastOpenQueue = 16);
        for (int i = 0; i < 3; i++)
        {
            Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
            await using StreamSocket client = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port, options => options.FastOpen = true).Soon();
            ByteWriteChannel output = client.OpenWriteChannel(autoFlush: true);
            await output.WriteLineAsync("hello").Soon();
            await using StreamSocket accepted = await accepting.Soon();

            Assert.That(await accepted.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }
    }

    [Test]
    public void A_module_that_is_not_there_is_an_error_that_names_the_option()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.ThrowsAsync<PlatformNotSupportedException>(async () => await Selector.Tcp().BindAsync("127.0.0.1", 0, Configure));
            return;
        }

        SocketException refused = Assert.ThrowsAsync<SocketException>(async () => await Selector.Tcp().BindAsync("127.0.0.1", 0, Configure))!;
        Assert.That(refused.Message, Does.Contain("CongestionControl").And.Contain("nonesuch"));

        static void Configure(TcpListenerOptions options) => options.Accepted.CongestionControl = "nonesuch";
    }

    [Test]
    public void Values_that_no_system_takes_are_refused_at_once()
    {
        var options = new StreamSocketOptions();
        Assert.Throws<ArgumentOutOfRangeException>(() => options.KeepAliveTime = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.KeepAliveInterval = TimeSpan.FromSeconds(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.KeepAliveCount = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.UserTimeout = TimeSpan.MaxValue);
        Assert.Throws<ArgumentException>(() => options.CongestionControl = string.Empty);
        Assert.Throws<ArgumentException>(() => options.CongestionControl = "cubic\0x");
        Assert.Throws<ArgumentException>(() => options.Device = "a name that is far too long");
        options.KeepAliveTime = null;
        Assert.That(options.KeepAliveTime, Is.Null);
    }

    [Test]
    [Platform("Linux")]
    public async Task Tcp_info_tells_of_the_connection()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (server)
        {
            await client.Output.WriteAsync(new byte[100_000]).Soon();
            await server.Input.ReadExactlyAsync(new byte[100_000]).Soon();
            await server.Output.WriteLineAsync("back").Soon();
            await client.Input.ReadLineAsync().Soon();

            TcpInfo info = client.Socket.GetTcpInfo();

            Assert.That(info.State, Is.EqualTo(TcpState.Established));
            Assert.That(info.RoundTripTime, Is.GreaterThan(TimeSpan.Zero).And.LessThan(TimeSpan.FromSeconds(10)));
            Assert.That(info.CongestionWindow, Is.Positive);
            Assert.That(info.SendSegmentSize, Is.Positive);
            Assert.That(info.BytesReceived, Is.EqualTo(6));
            Assert.That(server.Socket.GetTcpInfo().BytesReceived, Is.EqualTo(100_000));
            await client.DisposeAsync();
            Assert.Throws<ObjectDisposedException>(() => client.Socket.GetTcpInfo());
        }
    }

    [Test]
    public async Task After_the_input_is_shut_down_reads_come_to_the_end_and_writes_go_on()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            await client.Output.WriteLineAsync("before").Soon();
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("before"));
            Task<string?> reading = server.Input.ReadLineAsync().AsTask();

            server.Socket.ShutdownInput();

            Assert.That(await reading.Soon(), Is.Null);
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
            await server.Output.WriteLineAsync("after").Soon();
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("after"));
        }
    }

    [Test]
    public async Task Both_directions_can_be_shut_down_one_after_the_other_for_as_long_as_both_sides_want()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            await client.Output.CompleteAsync().Soon();
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
            for (int i = 0; i < 100; i++)
            {
                await server.Output.WriteLineAsync($"still {i}").Soon();
                Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo($"still {i}"));
            }

            await server.Socket.ShutdownOutputAsync().Soon();
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.Null);
        }
    }

    // Only the peer's silence counts, not the time that the caller takes between two reads.
    [Test]
    public async Task A_slow_consumer_is_no_inactivity_of_the_peer()
    {
        TimeSpan timeout = TimeSpan.FromMilliseconds(200);
        (Connection client, Connection server) = await ConnectPairAsync(server: options => options.Accepted.SocketTimeout = timeout);
        await using (client)
        await using (server)
        {
            await client.Output.WriteLineAsync("one").Soon();
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("one"));

            // Waits out the time-out.
            await Task.Delay(timeout * 3);
            await client.Output.WriteLineAsync("two").Soon();

            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("two"));
        }
    }
}
