using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>Datagrams of the Unix domain within a simulated host do what those of Linux do.</summary>
public sealed class UnixDatagramTests
{
    private const string Path = "/run/server";

    [Test]
    public Task Datagrams_arrive_in_order_and_a_sender_waits_for_room([Values] bool isConnected, [Values] bool isLarge) => RunAsync(50, async selector =>
    {
        const int count = 100;
        await using DatagramSocket receiver = await selector.Unix().BindDatagramAsync(Path);
        await using DatagramSocket sender = isConnected
            ? await selector.Unix().ConnectDatagramAsync(Path)
            : await selector.Unix().BindDatagramAsync("\0sender");
        Task sending = SendAllAsync();
        for (int i = 0; i < count; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync();
            Assert.That(datagram.Payload.Span[0], Is.EqualTo((byte)i));
        }

        await sending;

        async Task SendAllAsync()
        {
            for (int i = 0; i < count; i++)
            {
                byte[] bytes = new byte[isLarge ? 50_000 : 1];
                bytes[0] = (byte)i;
                await (isConnected ? sender.SendAsync(bytes) : sender.SendAsync(bytes, receiver.LocalEndPoint));
            }
        }
    });

    [Test]
    public Task A_receiver_has_room_for_as_many_as_that_of_Linux() => RunAsync(1, async selector =>
    {
        await using DatagramSocket receiver = await selector.Unix().BindDatagramAsync(Path);
        await using DatagramSocket sender = await selector.Unix().ConnectDatagramAsync(Path);
        for (int i = 0; i < 11; i++)
        {
            await sender.SendAsync(new byte[1]);
        }

        Task waits = sender.SendAsync(new byte[1]).AsTask();
        Assert.That(waits.IsCompleted, Is.False);
        using Datagram datagram = await receiver.ReceiveAsync();
        await waits;
        Assert.That(datagram.RemoteEndPoint, Is.TypeOf<UnixDomainSocketEndPoint>());
    });

    [Test]
    public Task A_socket_that_is_not_there_or_has_gone_refuses() => RunAsync(1, async selector =>
    {
        DatagramSocket receiver = await selector.Unix().BindDatagramAsync(Path);
        await using DatagramSocket connected = await selector.Unix().ConnectDatagramAsync(Path);
        await using DatagramSocket other = await selector.Unix().BindDatagramAsync("\0other", options => options.SendBufferSize = 5_000);
        Assert.That(await ErrorAsync(async () => await other.SendAsync(new byte[5_000], receiver.LocalEndPoint)), Is.EqualTo(SocketError.MessageSize));
        await receiver.DisposeAsync();
        Assert.That(await ErrorAsync(async () => await connected.SendAsync(new byte[1])), Is.EqualTo(SocketError.ConnectionRefused));
        Assert.That(await ErrorAsync(async () => await connected.SendAsync(new byte[1])), Is.EqualTo(SocketError.NotConnected));
        Assert.That(await ErrorAsync(async () => await selector.Unix().ConnectDatagramAsync(Path)), Is.EqualTo(SocketError.AddressNotAvailable));
        Assert.That(await ErrorAsync(async () => await other.SendAsync(new byte[1], new UnixDomainSocketEndPoint("\0none"))), Is.EqualTo(SocketError.ConnectionRefused));
    });

    [Test]
    public Task A_connected_socket_receives_from_its_peer_alone() => RunAsync(10, async selector =>
    {
        await using DatagramSocket server = await selector.Unix().BindDatagramAsync(Path);
        await using DatagramSocket client = await selector.Unix().ConnectDatagramAsync(Path, "/run/client");
        await using DatagramSocket other = await selector.Unix().BindDatagramAsync("/run/other");
        Assert.That(await ErrorAsync(async () => await other.SendAsync(new byte[1], client.LocalEndPoint)), Is.EqualTo(SocketError.AccessDenied));
        await client.SendAsync(new byte[3]);
        using Datagram request = await server.ReceiveAsync();
        await server.SendAsync(new byte[4], request.RemoteEndPoint);
        using Datagram reply = await client.ReceiveAsync();
        Assert.That((request.Payload.Length, reply.Payload.Length), Is.EqualTo((3, 4)));
    });

    [Test]
    public Task A_pair_talks_and_its_datagrams_are_cut_to_the_size_of_the_receiver() => RunAsync(10, async selector =>
    {
        (DatagramSocket first, DatagramSocket second) = selector.Unix().CreateDatagramPair(options => options.MaxDatagramSize = 8);
        await first.SendAsync(new byte[20]);
        using Datagram datagram = await second.ReceiveAsync();
        Assert.That((datagram.Payload.Length, datagram.IsTruncated), Is.EqualTo((8, true)));
        await first.DisposeAsync();
        Assert.That(await ErrorAsync(async () => await second.SendAsync(new byte[1])), Is.EqualTo(SocketError.ConnectionRefused));
    });

    private static Task RunAsync(int seeds, Func<SelectorManager, Task> test) => Simulation.RunAsync(seeds, network => network.AddHost("host").RunAsync(test));

    private static async Task<SocketError> ErrorAsync(Func<Task> code) => (await Failure.OfAsync<SocketException>(code)).SocketErrorCode;
}
