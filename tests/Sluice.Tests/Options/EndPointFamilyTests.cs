using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Options;

/// <summary>The builders for TCP and UDP refuse end points of another kind.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class EndPointFamilyTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task An_end_point_of_a_unix_domain_socket_is_refused_and_the_message_says_what_to_use(
        [Values("tcp bind", "tcp connect", "udp bind", "udp connect", "udp local")] string call)
    {
        using var folder = new TemporaryFolder();
        var unix = new UnixDomainSocketEndPoint(folder.PathOf("s"));
        var peer = new IPEndPoint(IPAddress.Loopback, 9);
        ArgumentException? refused = Assert.ThrowsAsync<ArgumentException>(() => (call switch
        {
            "tcp bind" => (Task)Selector.Tcp().BindAsync(unix).AsTask(),
            "tcp connect" => Selector.Tcp().ConnectAsync(unix).AsTask(),
            "udp bind" => Selector.Udp().BindAsync(unix).AsTask(),
            "udp connect" => Selector.Udp().ConnectAsync(unix).AsTask(),
            _ => Selector.Udp().ConnectAsync(peer, local: unix).AsTask(),
        }).Soon());
        Assert.That(refused?.Message, Does.Contain("Unix()"));
        Assert.That(File.Exists(folder.PathOf("s")), Is.False);

        // A name and an address are not.
        await using ServerSocket server = await Selector.Tcp().BindAsync(new DnsEndPoint("127.0.0.1", 0)).Soon();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
    }

    [Test]
    public void A_name_is_no_local_end_point_and_is_refused_before_the_peer_is_looked_up()
    {
        var local = new DnsEndPoint("localhost", 0);
        foreach (Func<Task> connect in (Func<Task>[])
            [
                () => Selector.Udp().ConnectAsync(new IPEndPoint(IPAddress.Loopback, 9), local).AsTask(),
                () => Selector.Udp().ConnectAsync(new DnsEndPoint("no.such.name.invalid", 9), local).AsTask(),
                () => Selector.Udp().ConnectAsync("no.such.name.invalid", 9, local).AsTask(),
            ])
        {
            ArgumentException? refused = Assert.ThrowsAsync<ArgumentException>(() => connect().Soon());
            Assert.That(refused?.ParamName, Is.EqualTo("local"));
            Assert.That(refused?.Message, Does.Contain("localhost"));
        }

        ArgumentException? ofTcp = Assert.ThrowsAsync<ArgumentException>(() => Selector.Tcp().ConnectAsync("127.0.0.1", 9, options => options.LocalEndPoint = local).AsTask().Soon());
        Assert.That(ofTcp?.Message, Does.Contain("localhost"));
    }
}
