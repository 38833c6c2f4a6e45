using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Connecting;

/// <summary>Where a family of addresses, or one of its addresses, is not there.</summary>
public sealed class MissingFamilyTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task Without_IPv6_every_address_is_every_IPv4_address_and_an_error_names_the_end_point()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("A filter of system calls needs Linux.");
        }

        await using ChildProcess child = ChildProcess.Start(["without-ipv6", Engine.ToString()]);
        if (await child.ReadLineAsync() != "ready")
        {
            Assert.Ignore("A filter of system calls cannot be set here.");
        }

        Assert.That(await child.AskAsync("tcp ::"), Is.EqualTo("0.0.0.0"));
        Assert.That(await child.AskAsync("udp ::"), Is.EqualTo("0.0.0.0"));
        Assert.That(await child.AskAsync("tcp localhost"), Is.EqualTo("127.0.0.1"));
        Assert.That(await child.AskAsync("udp localhost"), Is.EqualTo("127.0.0.1"));
        foreach (string protocol in (string[])["tcp", "udp"])
        {
            Assert.That(await child.AskAsync($"{protocol} :: only"), Does.StartWith("AddressFamilyNotSupported").And.Contain("[::]:0"));
            Assert.That(await child.AskAsync($"{protocol} ::1"), Does.StartWith("AddressFamilyNotSupported").And.Contain("Binding to [::1]:0"));
            Assert.That(await child.AskAsync($"connect {protocol}"), Does.StartWith("AddressFamilyNotSupported").And.Contain("Connecting to [::1]:7"));
        }
    }

    [TestCase("::1/128", "127.0.0.1")]
    [TestCase("127.0.0.1/8", "::1")]
    public async Task Where_one_address_of_localhost_is_not_there_the_other_is_listened_at(string missing, string there)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await NetworkNamespaces.IpAsync("-n", network.Near, "address", "delete", missing, "dev", "lo");
        await using ChildProcess server = NetworkNamespaces.Start(network.Near, "listen", Engine.ToString(), "localhost");
        string port = await server.ReadLineAsync();
        await using ChildProcess client = NetworkNamespaces.Start(network.Near, "connect-by-name", Engine.ToString(), port, there);

        Assert.That(await client.ReadLineAsync(), Does.StartWith(there));
    }

    [Test]
    public async Task Of_a_name_the_first_address_is_bound_that_is_there()
    {
        await using SelectorManager selector = new(new SelectorOptions { Engine = Engine, NameResolver = new ScriptedResolver("192.0.2.99", "2001:db8::99", "127.0.0.1") });

        await using ServerSocket server = await selector.Tcp().BindAsync("here.example").Soon();
        await using DatagramSocket socket = await selector.Udp().BindAsync("here.example").Soon();

        Assert.That(((IPEndPoint)server.LocalEndPoint).Address, Is.EqualTo(IPAddress.Loopback));
        Assert.That(((IPEndPoint)socket.LocalEndPoint).Address, Is.EqualTo(IPAddress.Loopback));
        Exception? failure = await selector.Tcp().BindAsync("here.example", server.Port).OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressAlreadyInUse));
    }
}
