using System.Globalization;

namespace Sluice.Tests.Connecting;

/// <summary>Names with addresses of both families, across a network that carries only one of them, or none.</summary>
public sealed class DualStackTests(SelectorEngine engine) : BothEngines(engine)
{
    private const string Far4 = "192.0.2.2";
    private const string Far6 = "2001:db8::2";

    [TestCase(Far6, Far4)]
    [TestCase(Far4, Far6)]
    public async Task Where_both_families_work_the_first_that_the_resolver_names_is_used(string first, string second)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();

        // Until the neighbours know each other, IPv6 may take longer than the delay.
        (string alone, _) = await ConnectAsync(network, first);
        (string address, _) = await ConnectAsync(network, first, second);

        Assert.That(new[] { alone, address }, Is.All.EqualTo(first));
    }

    [TestCase(Far6, Far4)]
    [TestCase(Far4, Far6)]
    public async Task Where_one_family_is_swallowed_the_other_is_used_after_the_delay(string swallowed, string works)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await SwallowAsync(network, swallowed);

        (string address, double milliseconds) = await ConnectAsync(network, swallowed, works);

        Assert.That(address, Is.EqualTo(works));
        Assert.That(milliseconds, Is.GreaterThanOrEqualTo(StreamSocketOptions.DefaultConnectionAttemptDelay.TotalMilliseconds - 1));
    }

    [Test]
    public async Task Of_a_family_that_is_swallowed_one_address_is_tried_before_the_other_family()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        foreach (string address in (string[])[Far6, "2001:db8::3", "2001:db8::4", "2001:db8::5"])
        {
            await SwallowAsync(network, address);
        }

        (string connected, double milliseconds) = await ConnectAsync(network, Far6, "2001:db8::3", "2001:db8::4", "2001:db8::5", Far4);

        // One delay, and not four: but for the time that a busy machine takes.
        Assert.That(connected, Is.EqualTo(Far4));
        Assert.That(milliseconds, Is.GreaterThanOrEqualTo(StreamSocketOptions.DefaultConnectionAttemptDelay.TotalMilliseconds - 1));
    }

    [Test]
    public async Task Where_a_family_cannot_be_reached_the_other_is_used_at_once()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await NetworkNamespaces.IpAsync("-n", network.Near, "route", "add", "unreachable", "2001:db8:1::/64");

        (string address, _) = await ConnectAsync(network, "2001:db8:1::1", Far4);

        Assert.That(address, Is.EqualTo(Far4));
    }

    [Test]
    public async Task Where_no_address_can_be_reached_the_error_says_of_each_why()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await NetworkNamespaces.IpAsync("-n", network.Near, "route", "add", "unreachable", "2001:db8:1::/64");
        await NetworkNamespaces.IpAsync("-n", network.Near, "route", "add", "prohibit", "198.51.100.0/24");
        await using ChildProcess client = NetworkNamespaces.Start(
            network.Near, "connect-by-name", Engine.ToString(), "80", "2001:db8:1::1", "198.51.100.1", "2001:db8:2::1", Far4);

        Assert.That(
            await client.ReadLineAsync(),
            Is.EqualTo($"2001:db8:1::1=HostUnreachable 198.51.100.1=AccessDenied 2001:db8:2::1=NetworkUnreachable {Far4}=ConnectionRefused"));
    }

    // Frames for this address go to a card that is not there.
    private static Task<string> SwallowAsync(NetworkNamespaces network, string address) => NetworkNamespaces.IpAsync(
        "-n", network.Near, "neighbour", "replace", address, "lladdr", "02:00:00:00:00:99", "dev", "wire", "nud", "permanent");

    private async Task<(string Address, double Milliseconds)> ConnectAsync(NetworkNamespaces network, params string[] addresses)
    {
        await using ChildProcess server = NetworkNamespaces.Start(network.Far, "listen", Engine.ToString(), "::");
        string port = await server.ReadLineAsync();
        await using ChildProcess client = NetworkNamespaces.Start(network.Near, ["connect-by-name", Engine.ToString(), port, .. addresses]);
        string[] answer = (await client.ReadLineAsync()).Split(' ');
        return (answer[0], double.Parse(answer[1], CultureInfo.InvariantCulture));
    }
}
