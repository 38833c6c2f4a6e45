using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Connecting;

/// <summary>The end point on this side of a connection that is made.</summary>
public sealed class LocalEndPointTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task It_can_be_bound_first_to_an_address_and_any_port()
    {
        OnlyWhereLoopbackIsANetwork();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        await using StreamSocket client = await Selector.Tcp().Configure(options => options.LocalEndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0))
            .ConnectAsync(server.LocalEndPoint).Soon();

        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(((IPEndPoint)client.LocalEndPoint).Address, Is.EqualTo(IPAddress.Parse("127.0.0.9")));
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task It_can_be_bound_first_to_a_port()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        IPEndPoint local = FreePort();

        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint, options => options.LocalEndPoint = local).Soon();

        Assert.That(client.LocalEndPoint, Is.EqualTo(local));
    }

    [Test]
    public async Task One_that_cannot_be_bound_is_named_in_the_error()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var notOurs = new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0);

        Exception? failure = await Selector.Tcp().ConnectAsync(server.LocalEndPoint, options => options.LocalEndPoint = notOurs).OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressNotAvailable));
        Assert.That(failure!.Message, Does.Contain("192.0.2.77:0"));
    }

    [Test]
    public async Task An_address_of_another_family_is_not_tried_and_the_error_says_so()
    {
        var target = new IPEndPoint(IPAddress.IPv6Loopback, 80);

        Exception? failure = await Selector.Tcp()
            .ConnectAsync(target, options => options.LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0)).OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressFamilyNotSupported));
        Assert.That(failure!.Message, Does.Contain("[::1]:80: the local end point").And.Contain("127.0.0.1:0"));
    }

    [TestCase("127.0.0.1", AddressFamily.InterNetwork)]
    [TestCase("::1", AddressFamily.InterNetworkV6)]
    [TestCase("::ffff:127.0.0.1", AddressFamily.InterNetworkV6)]
    public async Task A_socket_that_would_be_connected_to_itself_is_refused_and_its_port_is_free_again(string address, AddressFamily family)
    {
        if (family == AddressFamily.InterNetworkV6)
        {
            await using ServerSocket there = await IPv6Loopback.ListenAsync(Selector);
        }

        IPEndPoint itself = FreePort(IPAddress.Parse(address));
        int before = Descriptors.Count();

        for (int i = 0; i < 3; i++)
        {
            Exception? failure = await Selector.Tcp().ConnectAsync(itself, options => options.LocalEndPoint = itself).OutcomeAsync();

            Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused), $"{failure}");
            Assert.That(failure!.Message, Does.Contain("itself"));
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task A_search_among_the_ports_that_the_system_gives_never_ends_at_itself()
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await using ChildProcess searcher = NetworkNamespaces.Start(network.Near, "connect-to-itself", Engine.ToString());

        // With but two ports to give, the system soon gives the very one that is asked.
        Assert.That(await searcher.ReadLineAsync(), Is.EqualTo("refused, also by itself"));
    }

    private static IPEndPoint FreePort(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.IsIPv4MappedToIPv6)
        {
            socket.DualMode = true;
        }

        socket.Bind(new IPEndPoint(address, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static void OnlyWhereLoopbackIsANetwork()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
        {
            Assert.Ignore("Here 127.0.0.1 is the only loopback address.");
        }
    }
}
