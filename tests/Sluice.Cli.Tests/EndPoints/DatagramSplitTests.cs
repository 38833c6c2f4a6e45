using System.Net;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tests.EndPoints;

/// <summary>Bytes of a stream that are more than a datagram has.</summary>
[TestFixture]
public sealed class DatagramSplitTests
{
    private static readonly IPEndPoint s_any = new(IPAddress.Loopback, 0);

    [Test]
    public async Task To_a_target()
    {
        await using SelectorManager selector = default(Network).CreateSelector();
        using var target = new UdpClient(s_any);
        await using var link = new DatagramLink(await selector.Udp().ConnectAsync(target.Client.LocalEndPoint!), "target", linger: null);
        await AssertWholeAsync(link, target);
    }

    [Test]
    public async Task To_a_peer()
    {
        await using SelectorManager selector = default(Network).CreateSelector();
        using var peer = new UdpClient(s_any);
        await using DatagramSocket socket = await selector.Udp().BindAsync(s_any);
        await using var link = new PeerLink(socket, peer.Client.LocalEndPoint!, TimeProvider.System, TimeSpan.FromMinutes(1));
        await AssertWholeAsync(link, peer);
    }

    [TestCase("127.0.0.1", 65_507)]
    [TestCase("::ffff:127.0.0.1", 65_507)]
    [TestCase("::1", 65_527)]
    public void The_most_bytes_depend_on_the_family(string address, int most) =>
        Assert.That(DatagramSize.MostPayloadTo(new IPEndPoint(IPAddress.Parse(address), 1)), Is.EqualTo(most));

    private static async Task AssertWholeAsync(Link link, UdpClient receiver)
    {
        byte[] bytes = [.. Enumerable.Range(0, DatagramSize.MostPayload + 100).Select(number => (byte)(number % 251))];
        await link.WriteAsync(bytes, CancellationToken.None).AsTask().Soon();
        byte[] first = (await receiver.ReceiveAsync().Soon("the first datagram")).Buffer;
        byte[] second = (await receiver.ReceiveAsync().Soon("the second datagram")).Buffer;
        Assert.That((first.Length, second.Length), Is.EqualTo((DatagramSize.MostPayload, 100)));
        Assert.That(first.Concat(second), Is.EqualTo(bytes));
    }
}
