using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Datagrams;

/// <summary>What the system refuses, and what it says of datagrams that did not arrive.</summary>
public sealed class DatagramErrorTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task Broadcast_without_the_option_is_refused_at_the_call()
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
        var everybody = new IPEndPoint(IPAddress.Parse("127.255.255.255"), socket.Port);

        Exception? failure = await Waiting.FailureAsync(() => socket.SendAsync(new byte[1], everybody));

        Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.AccessDenied));
        socket.Options.Broadcast = true;
        await socket.SendAsync(new byte[1], everybody).Soon();
    }

    [Test]
    public async Task Broadcast_that_is_forbidden_again_is_refused_at_the_call_also_in_the_turn_of_a_loop()
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.Broadcast = true);
        var everybody = new IPEndPoint(IPAddress.Parse("127.255.255.255"), socket.Port);
        await using DatagramSocket waker = await Selector.Udp().ConnectAsync(socket.LocalEndPoint);
        Task<Exception?> inTurn = Task.Run(async () =>
        {
            await socket.ReceiveAsync(new byte[1]);
            await socket.SendAsync(new byte[1], everybody);
            await socket.SendAsync(new byte[1], everybody);
            socket.Options.Broadcast = false;
            return await Waiting.OutcomeAsync(socket.SendAsync(new byte[1], everybody));
        });
        await waker.SendAsync(new byte[1]).Soon();

        Assert.That((await inTurn.Soon() as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.AccessDenied));
    }

    [Test]
    public async Task An_unreachable_port_fails_one_receive_of_a_connected_socket_which_goes_on()
    {
        (DatagramSocket connected, IPEndPoint silent) = await ConnectToClosedPortAsync();
        await using (connected)
        {
            Task<Exception?> receiving = connected.ReceiveAsync().OutcomeAsync();
            await connected.SendAsync(new byte[1]).Soon();

            Assert.That((await receiving as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
            await using DatagramSocket peer = await Selector.Udp().BindAsync(silent);
            await connected.SendAsync("late"u8.ToArray()).Soon();
            using Datagram datagram = await peer.ReceiveAsync().Soon();
            await peer.SendAsync("r"u8.ToArray(), datagram.RemoteEndPoint).Soon();
            using Datagram answer = await connected.ReceiveAsync().Soon();
            Assert.That(answer.Payload.Length, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task An_unreachable_port_fails_one_send_of_a_connected_socket_which_goes_on()
    {
        (DatagramSocket connected, IPEndPoint silent) = await ConnectToClosedPortAsync();
        await using (connected)
        {
            // On loopback the answer is there before the call returns.
            await connected.SendAsync("lost"u8.ToArray()).Soon();
            await using DatagramSocket peer = await Selector.Udp().BindAsync(silent);
            Exception? failure = await Waiting.FailureAsync(() => connected.SendAsync("lost"u8.ToArray()));
            Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));

            await connected.SendAsync("arrives"u8.ToArray()).Soon();
            using Datagram datagram = await peer.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.ToArray(), Is.EqualTo("arrives"u8.ToArray()));
        }
    }

    [Test]
    public async Task An_unreachable_port_is_told_also_to_who_sends_in_the_turn_of_a_loop_and_no_other_datagram_is_lost()
    {
        await using DatagramSocket first = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket connected = await Selector.Udp().ConnectAsync(first.LocalEndPoint);
        var went = new TaskCompletionSource();
        var back = new TaskCompletionSource();
        Task<int> inTurn = Task.Run(async () =>
        {
            await connected.ReceiveAsync(new byte[1]);
            await connected.SendAsync(new byte[] { 1 });

            // A new turn, in which the kernel has reported that the port is closed.
            went.SetResult();
            await back.Task;
            int failures = 0;
            for (byte i = 2; i <= 50; i++)
            {
                while (await Waiting.OutcomeAsync(connected.SendAsync(new byte[] { i })) is { } failure)
                {
                    Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
                    failures++;
                }
            }

            return failures;
        });
        await first.SendAsync(new byte[1], connected.LocalEndPoint).Soon();
        await went.Task.Soon();
        using (Datagram one = await first.ReceiveAsync().Soon())
        {
            Assert.That(one.Payload.Span[0], Is.EqualTo(1));
        }

        EndPoint at = first.LocalEndPoint;
        await first.DisposeAsync();
        await connected.SendAsync(new byte[] { 0 }).Soon();
        await using DatagramSocket second = await Selector.Udp().BindAsync(at);
        back.SetResult();

        Assert.That(await inTurn.Soon(), Is.EqualTo(1));
        for (byte i = 2; i <= 50; i++)
        {
            using Datagram datagram = await second.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.Span[0], Is.EqualTo(i));
        }
    }

    [Test]
    public async Task An_unreachable_port_is_not_seen_by_a_bound_socket()
    {
        IPEndPoint silent = SilentEndPoint();
        await using DatagramSocket bound = await Selector.Udp().BindAsync("127.0.0.1");
        Task<Datagram> receiving = bound.ReceiveAsync().AsTask();
        for (int i = 0; i < 5; i++)
        {
            await bound.SendAsync(new byte[1], silent).Soon();
        }

        await bound.SendAsync("self"u8.ToArray(), bound.LocalEndPoint).Soon();
        using Datagram datagram = await receiving.Soon();

        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("self"u8.ToArray()));
    }

    [Test]
    public async Task An_address_that_is_not_ours_is_refused_and_named()
    {
        Exception? failure = await Selector.Udp().BindAsync("192.0.2.77", 1).OutcomeAsync();

        Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.AddressNotAvailable));
        Assert.That(failure!.Message, Does.Contain("192.0.2.77:1"));
    }

    [Test]
    public async Task A_name_that_does_not_resolve_is_host_not_found()
    {
        Exception? failure = await Selector.Udp().ConnectAsync("does-not-exist.invalid", 1).OutcomeAsync();

        Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
    }

    [Test]
    public async Task What_a_slow_receiver_loses_is_counted_and_the_rest_comes()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Only Linux counts.");
        }

        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = 4096);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint);
        const int sent = 2000;
        for (int i = 0; i < sent; i++)
        {
            sender.Send(new byte[512]);
        }

        long dropped = receiver.DroppedDatagrams;
        int came = 0;
        while (came < sent - dropped)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            came++;
        }

        Assert.That(dropped, Is.InRange(1, sent - 1));
        await receiver.DisposeAsync();
        Assert.That(receiver.DroppedDatagrams, Is.EqualTo(dropped));
    }

    private static IPEndPoint SilentEndPoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private async Task<(DatagramSocket Socket, IPEndPoint Silent)> ConnectToClosedPortAsync()
    {
        IPEndPoint silent = SilentEndPoint();
        return (await Selector.Udp().ConnectAsync(silent).Soon(), silent);
    }
}
