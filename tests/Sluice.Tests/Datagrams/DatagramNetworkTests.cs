namespace Sluice.Tests.Datagrams;

/// <summary>Across a network of two machines: groups, broadcast, packets that are too long.</summary>
public sealed class DatagramNetworkTests(SelectorEngine engine) : BothEngines(engine)
{
    private const string Near = "192.0.2.1";
    private const string Far = "192.0.2.2";
    private const string OtherFar = "192.0.2.3";

    [TestCase("0.0.0.0", "239.1.2.3", Near)]
    [TestCase("::", "ff15::1:2", "2001:db8::1")]
    public async Task A_group_is_heard_from_joining_to_leaving(string any, string group, string near)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess sender = await StartAsync(network.Near, $"bind {near} 0");
        await using ChildProcess member = await StartAsync(network.Far, $"bind {any} 7000 info");
        Assert.That(await sender.AskAsync("multicast 3 false"), Is.EqualTo("3 False True"));
        string toFar = near == Near ? Far : "2001:db8::2";

        // Not in the group yet: what comes first is what was sent to the address.
        await sender.AskAsync($"send {group} 7000 early");
        await sender.AskAsync($"send {toFar} 7000 direct");
        Assert.That(await member.AskAsync("receive"), Does.StartWith("direct from").And.Contain($"to {toFar} at wire"));

        Assert.That(await member.AskAsync($"join {group}"), Is.EqualTo("joined"));
        Assert.That(await member.AskAsync($"join {group}"), Is.EqualTo("AddressAlreadyInUse"));
        await sender.AskAsync($"send {group} 7000 joined");
        Assert.That(await member.AskAsync("receive"), Does.StartWith("joined from").And.Contain($"{near} to {group} at wire"));

        Assert.That(await member.AskAsync($"leave {group}"), Is.EqualTo("left"));
        await sender.AskAsync($"send {group} 7000 late");
        await sender.AskAsync($"send {toFar} 7000 direct");
        Assert.That(await member.AskAsync("receive"), Does.StartWith("direct from"));
    }

    [TestCase("0.0.0.0", "239.1.2.3", "239.1.2.4", Near)]
    [TestCase("::", "ff15::1:2", "ff15::1:3", "2001:db8::1")]
    [TestCase("::", "239.1.2.3", "239.1.2.4", Near)]
    public async Task A_group_that_another_socket_has_joined_is_not_heard(string any, string group, string otherGroup, string near)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess sender = await StartAsync(network.Near, $"bind {near} 0");
        await using ChildProcess member = await StartAsync(network.Far, $"bind {any} 7000 reuse");
        await using ChildProcess other = await StartAsync(network.Far, $"bind {any} 7000 reuse");
        await sender.AskAsync("multicast 1 false");
        Assert.That(await member.AskAsync($"join {group}"), Is.EqualTo("joined"));
        Assert.That(await other.AskAsync($"join {otherGroup}"), Is.EqualTo("joined"));

        await sender.AskAsync($"send {group} 7000 first");
        await sender.AskAsync($"send {otherGroup} 7000 second");

        Assert.That(await other.AskAsync("receive"), Does.StartWith("second"));
        Assert.That(await member.AskAsync("receive"), Does.StartWith("first"));
    }

    [Test]
    public async Task A_group_of_one_source_hears_no_other()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await NetworkNamespaces.IpAsync("-n", network.Far, "address", "add", $"{OtherFar}/24", "dev", "wire");
        await using ChildProcess wanted = await StartAsync(network.Far, $"bind {Far} 0");
        await using ChildProcess other = await StartAsync(network.Far, $"bind {OtherFar} 0");
        await using ChildProcess member = await StartAsync(network.Near, "bind 0.0.0.0 7000");
        await wanted.AskAsync("multicast 1 true");
        await other.AskAsync("multicast 1 true");
        Assert.That(await member.AskAsync($"join 232.1.2.3 {Far}"), Is.EqualTo("joined"));

        await other.AskAsync("send 232.1.2.3 7000 other");
        await wanted.AskAsync("send 232.1.2.3 7000 wanted");

        Assert.That(await member.AskAsync("receive"), Does.StartWith($"wanted from {Far}"));
    }

    [Test]
    public async Task What_is_sent_to_a_group_is_heard_on_the_same_machine_only_if_wanted()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess sender = await StartAsync(network.Near, $"bind {Near} 0");
        await using ChildProcess member = await StartAsync(network.Near, "bind 0.0.0.0 7000");
        await member.AskAsync("join 239.1.2.3");

        await sender.AskAsync("multicast 0 false");
        await sender.AskAsync("send 239.1.2.3 7000 unheard");
        Assert.That(await sender.AskAsync("multicast 0 true"), Is.EqualTo("0 True True"));
        await sender.AskAsync("send 239.1.2.3 7000 heard");

        Assert.That(await member.AskAsync("receive"), Does.StartWith("heard"));
    }

    [Test]
    public async Task Broadcast_reaches_the_network_when_it_is_allowed()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess allowed = await StartAsync(network.Near, $"bind {Near} 0 broadcast");
        await using ChildProcess forbidden = await StartAsync(network.Near, $"bind {Near} 0");
        await using ChildProcess receiver = await StartAsync(network.Far, "bind 0.0.0.0 7000 info");

        Assert.That(await forbidden.AskAsync("send 192.0.2.255 7000 no"), Is.EqualTo("AccessDenied"));
        Assert.That(await allowed.AskAsync("send 192.0.2.255 7000 yes"), Is.EqualTo("sent"));
        Assert.That(await receiver.AskAsync("receive"), Does.StartWith($"yes from {Near} to 192.0.2.255 at wire"));
        Assert.That(await allowed.AskAsync("send 255.255.255.255 7000 everywhere"), Is.EqualTo("NetworkUnreachable").Or.EqualTo("sent"));
    }

    [Test]
    public async Task Time_to_live_is_told_as_it_is_on_arrival()
    {
        if (Engine == SelectorEngine.Portable)
        {
            Assert.Ignore("The portable engine does not tell.");
        }

        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess sender = await StartAsync(network.Near, $"bind {Near} 0");
        await using ChildProcess receiver = await StartAsync(network.Far, "bind 0.0.0.0 7000 ttl");

        await sender.AskAsync($"send {Far} 7000 x");

        Assert.That(await receiver.AskAsync("receive"), Does.EndWith("ttl 64"));
    }

    [TestCase(Near, Far)]
    [TestCase("2001:db8::1", "2001:db8::2")]
    public async Task Datagrams_longer_than_a_packet_arrive_unless_they_may_not_be_cut(string near, string far)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess sender = await StartAsync(network.Near, $"bind {near} 0");
        await using ChildProcess receiver = await StartAsync(network.Far, $"bind {far} 7000");

        // Packets have 1500 bytes here: trains of these the kernel refuses to cut, and they are sent one by one. Few enough for its buffer.
        foreach (int size in (int[])[1900, 1200, 1900])
        {
            Assert.That(await sender.AskAsync($"burst {far} 7000 15 {size}"), Is.EqualTo("15"));
            Assert.That(await receiver.AskAsync("gather 15"), Is.EqualTo("all"));
        }

        Assert.That(await sender.AskAsync("whole true"), Is.EqualTo("True"));
        Assert.That(await sender.AskAsync($"send {far} 7000 {new string('x', 1900)}"), Is.EqualTo("MessageSize"));
        Assert.That(await sender.AskAsync($"send {far} 7000 short"), Is.EqualTo("sent"));
        Assert.That(await receiver.AskAsync("receive"), Does.StartWith($"short from {near}"));
    }

    [Test]
    public async Task A_network_that_is_not_there_is_said_at_the_call()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess sender = await StartAsync(network.Near, $"bind {Near} 0");

        Assert.That(await sender.AskAsync("send 198.51.100.1 7000 x"), Is.EqualTo("NetworkUnreachable"));
        Assert.That(await sender.AskAsync($"send {Far} 7000 x"), Is.EqualTo("sent"));
    }

    private async Task<ChildProcess> StartAsync(string name, string bind)
    {
        ChildProcess child = NetworkNamespaces.Start(name, "udp", Engine.ToString());
        Assert.That(await child.AskNumberAsync(bind), Is.Positive);
        return child;
    }
}
