using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Connecting.Resolving;

/// <summary>Names that a real DNS server knows, asked through a resolver of the test's own.</summary>
public sealed class RealDnsTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_name_with_addresses_of_both_families_connects_to_the_one_that_is_listened_at()
    {
        IPEndPoint dns = FreeAddress.Take();
        await using RealPeer server = StartDns(dns, "--host-record=both.example,127.0.0.1,::1");
        await using SelectorManager selector = With(dns);
        await using ServerSocket listener = await selector.Tcp().BindAsync("127.0.0.1");

        await using StreamSocket client = await ConnectAsync(selector, "both.example", listener.Port);

        Assert.That(client.RemoteEndPoint, Is.EqualTo(listener.LocalEndPoint));
    }

    [Test]
    public async Task A_name_the_server_does_not_know_is_HostNotFound()
    {
        IPEndPoint dns = FreeAddress.Take();
        await using RealPeer server = StartDns(dns, "--host-record=both.example,127.0.0.1,::1");
        await using SelectorManager selector = With(dns);
        await using ServerSocket listener = await selector.Tcp().BindAsync("127.0.0.1");
        await using (await ConnectAsync(selector, "both.example", listener.Port))
        {
        }

        Exception? failure = await selector.Tcp().ConnectAsync("unknown.example", 80).OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.HostNotFound));
        Assert.That(failure!.Message, Does.Contain("unknown.example:80").And.Contain("code 3"));
    }

    private static RealPeer StartDns(IPEndPoint at, params string[] arguments) => RealPeer.Start(
        "dnsmasq",
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--local=/example/", "--bind-interfaces",
            $"--user={Environment.UserName}", $"--listen-address={at.Address}", $"--port={at.Port.ToString(CultureInfo.InvariantCulture)}", .. arguments,
        ]);

    // Until the server is there, no answer comes.
    private static async Task<StreamSocket> ConnectAsync(SelectorManager selector, string host, int port)
    {
        StreamSocket? socket = null;
        while (socket is null)
        {
            try
            {
                socket = await selector.Tcp().ConnectAsync(host, port).Soon();
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.HostNotFound)
            {
                await Task.Delay(5);
            }
        }

        return socket;
    }

    private SelectorManager With(IPEndPoint dns) => new(new SelectorOptions { Engine = Engine, NameResolver = new DnsClient(dns) });
}
