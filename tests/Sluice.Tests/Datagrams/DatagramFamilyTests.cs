using System.Net;
using System.Net.Sockets;
using Sluice.Engine;

namespace Sluice.Tests;

/// <summary>What the engines' datagrams do for a family that is not IP.</summary>
public sealed class DatagramFamilyTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly List<string> _paths = [];

    [TearDown]
    public void RemoveFiles() => _paths.ForEach(File.Delete);

    [Test]
    public async Task Unix_datagrams_come_as_they_were_sent_from_whom_they_were_sent()
    {
        await using DatagramSocket one = Open(new UnixDomainSocketEndPoint(NewPath()), null);
        await using DatagramSocket two = Open(new UnixDomainSocketEndPoint(NewPath()), null);
        await using DatagramSocket nameless = Open(null, one.LocalEndPoint);

        await two.SendAsync(new byte[100_000], one.LocalEndPoint).Soon();
        await two.SendAsync(ReadOnlyMemory<byte>.Empty, one.LocalEndPoint).Soon();
        await nameless.SendAsync(new byte[3]).Soon();

        using Datagram first = await one.ReceiveAsync().Soon();
        using Datagram second = await one.ReceiveAsync().Soon();
        using Datagram third = await one.ReceiveAsync().Soon();
        Assert.That((first.Payload.Length, first.IsTruncated), Is.EqualTo((65_535, true)));
        Assert.That(first.RemoteEndPoint, Is.EqualTo(two.LocalEndPoint));
        Assert.That((second.Payload.Length, second.IsTruncated), Is.EqualTo((0, false)));
        Assert.That(third.Payload.Length, Is.EqualTo(3));
        Assert.That(third.RemoteEndPoint, Is.Not.EqualTo(two.LocalEndPoint));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Whoever_sends_to_a_full_Unix_socket_waits_until_there_is_room_and_nothing_is_lost(bool isConnected)
    {
        const int count = 2000;
        await using DatagramSocket receiver = Open(new UnixDomainSocketEndPoint(NewPath()), null);
        await using DatagramSocket sender = isConnected ? Open(null, receiver.LocalEndPoint) : Open(new UnixDomainSocketEndPoint(NewPath()), null);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await (isConnected ? sender.SendAsync(BitConverter.GetBytes(i)) : sender.SendAsync(BitConverter.GetBytes(i), receiver.LocalEndPoint));
            }
        });
        for (int i = 0; i < count; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(BitConverter.ToInt32(datagram.Payload.Span), Is.EqualTo(i));
        }

        await sending.Soon();
    }

    [Test]
    public async Task A_send_that_waits_for_room_ends_when_it_is_cancelled_or_the_socket_closed()
    {
        await using DatagramSocket receiver = Open(new UnixDomainSocketEndPoint(NewPath()), null);
        DatagramSocket sender = Open(null, receiver.LocalEndPoint);
        using var canceled = new CancellationTokenSource();
        int sent = 0;
        ValueTask sending;
        while ((sending = sender.SendAsync(new byte[1], canceled.Token)).IsCompleted)
        {
            await sending;
            sent++;
        }

        Task<Exception?> cancelled = sending.OutcomeAsync();
        Task<Exception?> closed = sender.SendAsync(new byte[1]).OutcomeAsync();
        await canceled.CancelAsync();
        Assert.That(await cancelled, Is.InstanceOf<OperationCanceledException>());
        Assert.That(closed.IsCompleted, Is.False);
        await sender.DisposeAsync();
        Assert.That(await closed, Is.TypeOf<ObjectDisposedException>());
        Assert.That(sent, Is.Positive);
    }

    private string NewPath()
    {
        _paths.Add(Path.Combine(Path.GetTempPath(), $"sluice-{Guid.NewGuid():N}"));
        return _paths[^1];
    }

    private DatagramSocket Open(EndPoint? local, EndPoint? remote)
    {
        if (!Socket.OSSupportsUnixDomainSockets || OperatingSystem.IsWindows())
        {
            Assert.Ignore("There are no Unix datagrams here.");
        }

        DatagramTransport transport = Selector.Sockets.OpenDatagram(AddressFamily.Unix, local, remote, new UdpSocketOptions());
        return new DatagramSocket(Selector, transport);
    }
}
