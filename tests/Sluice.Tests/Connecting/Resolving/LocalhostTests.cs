using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Connecting.Resolving;

/// <summary>A listener at <c>localhost</c> is one server at two addresses.</summary>
public sealed class LocalhostTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly IPAddress[] s_both = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    [TestCase("localhost")]
    [TestCase("LOCALHOST.")]
    [TestCase("app.localhost")]
    public async Task It_accepts_in_both_families_at_one_port(string host)
    {
        await SkipWithoutIPv6Async();
        var resolver = new ScriptedResolver("192.0.2.1");
        await using SelectorManager selector = CreateManager(new SelectorOptions { NameResolver = resolver });
        await using ServerSocket server = await selector.Tcp().BindAsync(host);

        Assert.That(server.Port, Is.Positive);
        Assert.That(server.LocalEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Loopback, server.Port)));
        Assert.That(server.LocalEndPoints, Is.EqualTo(s_both.Select(address => new IPEndPoint(address, server.Port))));
        Assert.That(resolver.Asked, Is.Empty);
        for (int round = 0; round < 3; round++)
        {
            foreach (IPAddress address in s_both)
            {
                Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
                await using StreamSocket client = await selector.Tcp().ConnectAsync(new IPEndPoint(address, server.Port)).Soon();
                await using StreamSocket accepted = await accepting.Soon();
                Assert.That(accepted.LocalEndPoint, Is.EqualTo(client.RemoteEndPoint));
            }
        }
    }

    [Test]
    public async Task An_accept_that_is_given_up_loses_no_connection_of_either_family()
    {
        await SkipWithoutIPv6Async();
        await using ServerSocket server = await Selector.Tcp().BindAsync("localhost");
        for (int round = 0; round < 20; round++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<StreamSocket> given = server.AcceptAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            Assert.That(await given.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            await using StreamSocket four = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
            await using StreamSocket six = await Selector.Tcp().ConnectAsync("::1", server.Port).Soon();

            await using StreamSocket one = await server.AcceptAsync().Soon();
            await using StreamSocket other = await server.AcceptAsync().Soon();

            Assert.That(new[] { one.RemoteEndPoint, other.RemoteEndPoint }, Is.EquivalentTo(new[] { four.LocalEndPoint, six.LocalEndPoint }));
        }
    }

    [Test]
    public async Task It_serves_and_stops_as_one([Values] bool limited)
    {
        await SkipWithoutIPv6Async();
        ServerSocket server = await Selector.Tcp().BindAsync("localhost");
        int port = server.Port;
        Task serving = server.ServeAsync(
            async (connection, token) => await connection.Output.WriteLineAsync($"{await connection.Input.ReadLineAsync(token)}", token),
            new ServeOptions { MaxConnections = limited ? 1 : 100 });
        foreach (IPAddress address in (IPAddress[])[.. s_both, .. s_both])
        {
            await using StreamSocket client = await Selector.Tcp().ConnectAsync(new IPEndPoint(address, port)).Soon();
            Connection connection = client.OpenConnection();
            await connection.Output.WriteLineAsync("hello").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }

        Assert.That(await server.StopAsync(Patience).Soon(), Is.Zero);
        await serving.Soon();
        await server.Completion.Soon();
        foreach (IPAddress address in s_both)
        {
            Exception? failure = await Selector.Tcp().ConnectAsync(new IPEndPoint(address, port)).OutcomeAsync();
            Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        }
    }

    [Test]
    public async Task Disposing_of_it_or_of_its_manager_ends_an_accept_and_leaves_nothing([Values] bool ofManager)
    {
        await SkipWithoutIPv6Async();
        int before = Descriptors.Count();
        SelectorManager selector = CreateManager();
        ServerSocket server = await selector.Tcp().BindAsync("localhost");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        await (ofManager ? selector.DisposeAsync() : server.DisposeAsync());

        Assert.That(await accepting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(server.IsClosed);
        await server.Completion.Soon();
        await selector.DisposeAsync();
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task An_accept_says_what_closed_it([Values] bool ofManager)
    {
        await SkipWithoutIPv6Async();
        await using SelectorManager selector = CreateManager();
        ServerSocket server = await selector.Tcp().BindAsync("localhost");
        int port = server.Port;
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        await (ofManager ? selector.DisposeAsync() : server.DisposeAsync());

        string reason = ofManager ? "its SelectorManager was disposed" : "closed by CloseAsync or DisposeAsync";
        Assert.That((await accepting.OutcomeAsync())?.Message, Does.Contain($"127.0.0.1:{port}").And.Contain(reason));
        Assert.That((await server.AcceptAsync().OutcomeAsync())?.Message, Does.Contain(reason));
    }

    [Test]
    public async Task Accepts_that_are_given_up_take_no_memory()
    {
        await SkipWithoutIPv6Async();
        const int count = 50_000;
        await using ServerSocket server = await Selector.Tcp().BindAsync("localhost");
        await GiveUpAsync(1000);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await GiveUpAsync(count);

        Assert.That((GC.GetTotalMemory(forceFullCollection: true) - before) / count, Is.LessThan(50), "bytes each");

        async Task GiveUpAsync(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using var cancellation = new CancellationTokenSource();
                Task<StreamSocket> given = server.AcceptAsync(cancellation.Token).AsTask();
                await cancellation.CancelAsync();
                await given.OutcomeAsync();
            }
        }
    }

    [Test]
    public async Task What_has_come_before_the_end_is_accepted_whichever_address_it_came_to()
    {
        await SkipWithoutIPv6Async();
        await using ServerSocket server = await Selector.Tcp().BindAsync("localhost");
        using (var cancellation = new CancellationTokenSource())
        {
            Task<StreamSocket> given = server.AcceptAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await given.OutcomeAsync();
        }

        var clients = new List<StreamSocket>();
        foreach (IPAddress address in (IPAddress[])[.. s_both, .. s_both])
        {
            clients.Add(await Selector.Tcp().ConnectAsync(new IPEndPoint(address, server.Port)).Soon());
        }

        var accepted = new List<EndPoint>();
        while (await server.AcceptPendingAsync().Soon() is { } last)
        {
            accepted.Add(last.RemoteEndPoint);
            await last.DisposeAsync();
        }

        Assert.That(accepted, Is.EquivalentTo(clients.Select(client => client.LocalEndPoint)));
        foreach (StreamSocket client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Test]
    public async Task A_port_that_is_taken_in_either_family_is_refused_and_the_other_is_let_go()
    {
        await SkipWithoutIPv6Async();
        foreach (IPAddress address in s_both)
        {
            await using ServerSocket taken = await Selector.Tcp().BindAsync(new IPEndPoint(address, 0));

            Exception? failure = await Selector.Tcp().BindAsync("localhost", taken.Port).OutcomeAsync();

            Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
            Assert.That(failure!.Message, Does.Contain($"{taken.LocalEndPoint}"));
            IPAddress other = s_both.Single(one => !one.Equals(address));
            await using ServerSocket free = await Selector.Tcp().BindAsync(new IPEndPoint(other, taken.Port));
        }
    }

    [Test]
    public async Task One_family_alone_may_be_asked_for()
    {
        await SkipWithoutIPv6Async();
        await using ServerSocket four = await Selector.Tcp().BindAsync(new DnsEndPoint("localhost", 0, AddressFamily.InterNetwork));
        await using ServerSocket six = await Selector.Tcp().BindAsync(new DnsEndPoint("localhost", 0, AddressFamily.InterNetworkV6));
        await using ServerSocket only = await Selector.Tcp().BindAsync("localhost", configure: options => options.IPv6Only = true);

        Assert.That(four.LocalEndPoints, Is.EqualTo(new[] { new IPEndPoint(IPAddress.Loopback, four.Port) }));
        Assert.That(six.LocalEndPoints, Is.EqualTo(new[] { new IPEndPoint(IPAddress.IPv6Loopback, six.Port) }));
        Assert.That(only.LocalEndPoints, Is.EqualTo(new[] { new IPEndPoint(IPAddress.IPv6Loopback, only.Port) }));
    }

    [Test]
    public async Task It_cannot_be_handed_over()
    {
        await SkipWithoutIPv6Async();
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Handing over needs Linux.");
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("localhost");
        Assert.ThrowsAsync<InvalidOperationException>(() => server.HandOverAsync("/tmp/sluice-never"));
    }

    private async Task SkipWithoutIPv6Async()
    {
        await using ServerSocket probe = await IPv6Loopback.ListenAsync(Selector);
    }
}
