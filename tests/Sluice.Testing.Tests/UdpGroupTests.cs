using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>Groups and broadcasts of the simulated UDP.</summary>
public sealed class UdpGroupTests
{
    private static readonly string[] s_groups = ["239.1.2.3", "ff02::1:3"];

    [TestCaseSource(nameof(s_groups))]
    public Task Each_member_gets_a_copy_and_no_other(string name) => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(name);
        DatagramSocket[] members = await BindAllAsync(hosts, group);
        members[1].JoinGroup(group);
        members[2].JoinGroup(group);
        await hosts[0].RunAsync(async selector =>
        {
            await using DatagramSocket sender = await selector.Udp().BindAsync(AnyOf(group));
            await sender.SendAsync("first"u8.ToArray(), new IPEndPoint(group, Programs.Port));
            await sender.SendAsync("to all"u8.ToArray(), new IPEndPoint(group, Programs.Port + 1));
        });
        await hosts[0].Time.Delay(TimeSpan.FromSeconds(1));
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[0, 1, 1]));

        members[1].LeaveGroup(group);
        await SendAsync(hosts[0], group);
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[0, 0, 1]));
    });

    [TestCaseSource(nameof(s_groups))]
    public Task A_sender_hears_itself_if_it_wants_to(string name) => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(name);
        DatagramSocket[] members = await BindAllAsync(hosts, group);
        Array.ForEach(members, member => member.JoinGroup(group));
        members[0].Options.MulticastLoopback = false;
        await hosts[0].RunAsync(async _ => await members[0].SendAsync("x"u8.ToArray(), new IPEndPoint(group, Programs.Port)));
        await hosts[0].Time.Delay(TimeSpan.FromSeconds(1));
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[0, 1, 1]));

        members[0].Options.MulticastLoopback = true;
        members[0].Options.MulticastTimeToLive = 0;
        await hosts[0].RunAsync(async _ => await members[0].SendAsync("x"u8.ToArray(), new IPEndPoint(group, Programs.Port)));
        await hosts[0].Time.Delay(TimeSpan.FromSeconds(1));
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[1, 0, 0]));
    });

    [TestCaseSource(nameof(s_groups))]
    public Task A_member_for_one_source_hears_no_other(string name) => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(name);
        DatagramSocket[] members = await BindAllAsync(hosts, group);
        IPAddress wanted = hosts[0].Addresses.First(address => address.AddressFamily == group.AddressFamily);
        members[2].JoinGroup(group, wanted);
        await SendAsync(hosts[0], group);
        await SendAsync(hosts[1], group);
        Datagram datagram = await members[2].ReceiveAsync();
        Assert.That(((IPEndPoint)datagram.RemoteEndPoint).Address, Is.EqualTo(wanted));
        Assert.That(datagram.Info.LocalAddress, Is.EqualTo(group));
        Assert.That(await CountAsync(hosts, [members[2]]), Is.EqualTo((int[])[0]));
        members[2].LeaveGroup(group, wanted);
        await SendAsync(hosts[0], group);
        Assert.That(await CountAsync(hosts, [members[2]]), Is.EqualTo((int[])[0]));
    });

    [TestCaseSource(nameof(s_groups))]
    public Task Each_copy_takes_its_own_way(string name) => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(name);
        DatagramSocket[] members = await BindAllAsync(hosts, group);
        Array.ForEach(members, member => member.JoinGroup(group));
        hosts[0].Network.Path(hosts[0], hosts[1]).Loss = 1;
        hosts[0].Network.Path(hosts[0], hosts[2]).Latency = LatencyModel.Constant(TimeSpan.FromSeconds(3));
        await SendAsync(hosts[0], group);
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[1, 0, 0]));
        await hosts[0].Time.Delay(TimeSpan.FromSeconds(3));
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[0, 0, 1]));
    });

    [TestCaseSource(nameof(s_groups))]
    public Task The_loopback_interface_reaches_the_own_host_alone(string name) => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(name);
        DatagramSocket[] members = await BindAllAsync(hosts, group);
        members[0].JoinGroup(group, interfaceIndex: 1);
        members[1].JoinGroup(group, interfaceIndex: 1);
        members[2].JoinGroup(group);
        await SendAsync(hosts[0], group, interfaceIndex: 1);
        Datagram datagram = await members[0].ReceiveAsync();
        Assert.That(datagram.Info.InterfaceIndex, Is.EqualTo(1));
        await SendAsync(hosts[0], group);
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[0, 0, 1]));
    });

    [Test]
    public Task Memberships_are_refused_as_on_Linux() => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(s_groups[0]);
        IPAddress source = hosts[1].Addresses[1];
        DatagramSocket member = (await BindAllAsync(hosts, group))[0];
        Assert.That(ErrorOf(() => member.LeaveGroup(group)), Is.EqualTo(SocketError.AddressNotAvailable));
        member.JoinGroup(group);
        Assert.That(ErrorOf(() => member.JoinGroup(group)), Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(ErrorOf(() => member.JoinGroup(group, source)), Is.EqualTo(SocketError.InvalidArgument));
        member.LeaveGroup(group);
        member.JoinGroup(group, source);
        Assert.That(ErrorOf(() => member.JoinGroup(group, source)), Is.EqualTo(SocketError.AddressNotAvailable));
    });

    [Test]
    public Task A_broadcast_reaches_every_host_and_needs_the_option() => RunAsync(async hosts =>
    {
        DatagramSocket[] all = await BindAllAsync(hosts, IPAddress.Broadcast);
        var everybody = new IPEndPoint(IPAddress.Broadcast, Programs.Port);
        SocketException refused = await Failure.OfAsync<SocketException>(() => hosts[0].RunAsync(async _ => await all[0].SendAsync(new byte[1], everybody)));
        Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.AccessDenied));
        all[0].Options.Broadcast = true;
        await hosts[0].RunAsync(async _ => await all[0].SendAsync(new byte[1], everybody));
        await hosts[0].Time.Delay(TimeSpan.FromSeconds(1));
        Assert.That(await CountAsync(hosts, all), Is.EqualTo((int[])[1, 1, 1]));
    });

    [Test]
    public Task Two_members_of_a_host_share_a_port() => RunAsync(async hosts =>
    {
        var group = IPAddress.Parse(s_groups[0]);
        var members = new DatagramSocket[2];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = await hosts[1].RunAsync(async selector => await selector.Udp().BindAsync("0.0.0.0", Programs.Port, options => options.ReuseAddress = true));
            members[i].JoinGroup(group);
        }

        await SendAsync(hosts[0], group);
        Assert.That(await CountAsync(hosts, members), Is.EqualTo((int[])[1, 1]));
    });

    private static Task RunAsync(Func<SimulatedHost[], Task> test) =>
        Simulation.RunAsync(20, network => test([network.AddHost("a"), network.AddHost("b"), network.AddHost("c")]));

    private static string AnyOf(IPAddress group) => group.AddressFamily == AddressFamily.InterNetwork ? "0.0.0.0" : "::";

    private static async Task<DatagramSocket[]> BindAllAsync(SimulatedHost[] hosts, IPAddress group)
    {
        var sockets = new List<DatagramSocket>();
        foreach (SimulatedHost host in hosts)
        {
            sockets.Add(await host.RunAsync(async selector =>
                await selector.Udp().BindAsync(AnyOf(group), Programs.Port, options => options.ReceivePacketInfo = true)));
        }

        return [.. sockets];
    }

    private static async Task SendAsync(SimulatedHost from, IPAddress group, int interfaceIndex = 0)
    {
        await from.RunAsync(async selector =>
        {
            await using DatagramSocket sender = await selector.Udp().BindAsync(AnyOf(group), 0, options => options.MulticastInterface = interfaceIndex);
            await sender.SendAsync("x"u8.ToArray(), new IPEndPoint(group, Programs.Port));
        });
        await from.Time.Delay(TimeSpan.FromSeconds(1));
    }

    // How many datagrams wait at each socket.
    private static async Task<int[]> CountAsync(SimulatedHost[] hosts, DatagramSocket[] sockets)
    {
        int[] counts = new int[sockets.Length];
        for (int i = 0; i < sockets.Length; i++)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(1), hosts[0].Time);
            try
            {
                while (true)
                {
                    using Datagram datagram = await sockets[i].ReceiveAsync(cancellation.Token);
                    counts[i]++;
                }
            }
            catch (OperationCanceledException)
            {
                // There are no more.
            }
        }

        return counts;
    }

    private static SocketError ErrorOf(Action change) => Assert.Throws<SocketException>(() => change())!.SocketErrorCode;
}
