using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Testing.Tests;

/// <summary>The simulated UDP.</summary>
public sealed class UdpTests
{
    [Test]
    public Task Datagrams_are_lost_doubled_and_reordered() => Simulation.RunAsync(200, async network =>
    {
        const int count = 1000;
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        SimulatedLink link = network.Link("server", "client");
        link.Loss = 0.1;
        link.Duplication = 0.1;
        var received = new List<int>();
        server.Run(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().BindAsync("0.0.0.0", Programs.Port);
            while (true)
            {
                Datagram datagram = await socket.ReceiveAsync();
                Assert.That(datagram.RemoteEndPoint, Is.InstanceOf<IPEndPoint>());
                received.Add(int.Parse(Encoding.UTF8.GetString(datagram.Payload.Span), System.Globalization.CultureInfo.InvariantCulture));
            }
        });
        await client.RunAsync(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().ConnectAsync(new IPEndPoint(server.Addresses[1], Programs.Port));
            for (int i = 0; i < count; i++)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                await client.Time.Delay(TimeSpan.FromMicroseconds(100));
            }
        });
        await network.Time.Delay(TimeSpan.FromSeconds(1));

        Assert.That(received.Distinct().Count(), Is.InRange(count * 0.85, count * 0.95));
        Assert.That(received, Has.Count.InRange(received.Distinct().Count() * 1.05, received.Distinct().Count() * 1.15));
        Assert.That(received, Is.Not.Ordered);
    });

    [Test]
    public Task A_port_without_a_socket_refuses_a_connected_one() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        await client.RunAsync(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().ConnectAsync(new IPEndPoint(server.Addresses[0], Programs.Port));
            await socket.SendAsync("hello"u8.ToArray());
            SocketException failure = await Failure.OfAsync<SocketException>(async () => await socket.ReceiveAsync());
            Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        });
    });

    [Test]
    public Task A_datagram_is_cut_to_the_size_of_the_receiver_and_a_full_buffer_drops() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        DatagramSocket receiver = await server.RunAsync(async selector => await selector.Udp().BindAsync("::", Programs.Port, options =>
        {
            options.MaxDatagramSize = 10;
            options.ReceiveBufferSize = 5_000;
        }));
        await client.RunAsync(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().BindAsync("::");
            for (int i = 0; i < 10; i++)
            {
                await socket.SendAsync(new byte[1_000], new IPEndPoint(server.Addresses[0], Programs.Port));
            }
        });
        await network.Time.Delay(TimeSpan.FromSeconds(1));
        await server.RunAsync(async _ =>
        {
            Datagram datagram = await receiver.ReceiveAsync();
            Assert.That((datagram.Payload.Length, datagram.IsTruncated), Is.EqualTo((10, true)));
        });

        if (OperatingSystem.IsLinux())
        {
            Assert.That(receiver.DroppedDatagrams, Is.EqualTo(7));
        }
    });

    [Test]
    public Task A_bit_of_a_datagram_changes() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        network.Link("server", "client").Corruption = 1;
        DatagramSocket receiver = await server.RunAsync(async selector => await selector.Udp().BindAsync("::", Programs.Port));
        await client.RunAsync(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().BindAsync("::");
            await socket.SendAsync(new byte[100], new IPEndPoint(server.Addresses[0], Programs.Port));
        });
        Datagram datagram = await server.RunAsync(async _ => await receiver.ReceiveAsync());
        Assert.That(datagram.Payload.ToArray().Sum(one => System.Numerics.BitOperations.PopCount(one)), Is.EqualTo(1));
    });
}
