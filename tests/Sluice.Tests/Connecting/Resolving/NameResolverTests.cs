using System.Net;
using System.Net.Sockets;
using Sluice.Proxying;

namespace Sluice.Tests.Connecting.Resolving;

/// <summary>Names are looked up by whom the manager was given.</summary>
public sealed class NameResolverTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_resolver_of_ones_own_is_asked_by_connects_and_binds()
    {
        var resolver = new ScriptedResolver("127.0.0.1");
        await using SelectorManager selector = With(resolver);

        await using ServerSocket server = await selector.Tcp().BindAsync("here.example").Soon();
        await using StreamSocket client = await selector.Tcp().ConnectAsync("there.example", server.Port).Soon();
        await using StreamSocket narrow = await selector.Tcp()
            .ConnectAsync(new DnsEndPoint("v4.example", server.Port, AddressFamily.InterNetwork)).Soon();

        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
        Assert.That(resolver.Asked, Is.EqualTo(new[]
        {
            ("here.example", AddressFamily.Unspecified), ("there.example", AddressFamily.Unspecified), ("v4.example", AddressFamily.InterNetwork),
        }));
    }

    [Test]
    public async Task An_address_is_no_name_and_no_resolver_is_asked()
    {
        var resolver = new ScriptedResolver("192.0.2.1");
        await using SelectorManager selector = With(resolver);

        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        await using StreamSocket client = await selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();

        Assert.That(resolver.Asked, Is.Empty);
    }

    [Test]
    public async Task An_address_as_the_name_of_a_DnsEndPoint_is_an_address_and_no_resolver_is_asked()
    {
        var resolver = new ScriptedResolver("192.0.2.1");
        await using SelectorManager selector = With(resolver);

        await using ServerSocket server = await selector.Tcp().BindAsync(new DnsEndPoint("127.0.0.1", 0)).Soon();
        await using StreamSocket client = await selector.Tcp().ConnectAsync(new DnsEndPoint("127.0.0.1", server.Port)).Soon();
        await using DatagramSocket bound = await selector.Udp().BindAsync(new DnsEndPoint("127.0.0.1", 0)).Soon();
        await using DatagramSocket connected = await selector.Udp().ConnectAsync(new DnsEndPoint("127.0.0.1", bound.Port)).Soon();
        Exception? otherFamily = await selector.Tcp()
            .ConnectAsync(new DnsEndPoint("127.0.0.1", server.Port, AddressFamily.InterNetworkV6)).OutcomeAsync();

        Assert.That(resolver.Asked, Is.Empty);
        Assert.That(connected.RemoteEndPoint, Is.EqualTo(bound.LocalEndPoint));
        Assert.That((otherFamily as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
    }

    [TestCase("127.0.0.1", "127.0.0.1:443")]
    [TestCase("::1", "[::1]:443")]
    [TestCase("[::1]", "[::1]:443")]
    [TestCase("there.example", "there.example:443")]
    public void A_proxy_is_asked_for_an_address_as_an_address(string host, string authority) =>
        Assert.That(ProxyTarget.Authority(ProxyTarget.Normalize(new DnsEndPoint(host, 443))), Is.EqualTo(authority));

    [Test]
    public async Task Addresses_of_a_family_that_was_not_asked_for_are_dropped_and_the_same_one_twice_is_one()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        await using SelectorManager selector = With(new ScriptedResolver("2001:db8::1", "127.0.0.1", "127.0.0.1"));
        var name = new DnsEndPoint("v4.example", server.Port, AddressFamily.InterNetwork);
        await using (await selector.Tcp().ConnectAsync(name).Soon())
        {
        }

        await server.DisposeAsync();

        // The error of a single attempt, so there was but one.
        Exception? failure = await selector.Tcp().ConnectAsync(name).OutcomeAsync();
        Assert.That(failure, Is.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public async Task No_address_and_every_failure_of_a_resolver_is_HostNotFound()
    {
        await using SelectorManager none = With(new ScriptedResolver());
        await using SelectorManager failing = With(new ScriptedResolver((_, _, _) => throw new SocketException((int)SocketError.TryAgain)));

        // As HttpClient says that its own time is over, whatever the caller's token.
        await using SelectorManager late = With(new ScriptedResolver((_, _, _) => throw new TaskCanceledException("a time-out of the resolver's own")));
        await using SelectorManager slow = With(new ScriptedResolver((_, _, _) => throw new TimeoutException("a time-out of the resolver's own")));

        foreach (SelectorManager selector in (SelectorManager[])[none, failing, late, slow])
        {
            Exception?[] failures =
            [
                await selector.Tcp().ConnectAsync("there.example", 80).OutcomeAsync(),
                await selector.Tcp().BindAsync("there.example", 80).OutcomeAsync(),
                await selector.Udp().ConnectAsync("there.example", 80).OutcomeAsync(),
                await selector.Udp().BindAsync("there.example", 80).OutcomeAsync(),
            ];
            foreach (Exception? failure in failures)
            {
                Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.HostNotFound));
                Assert.That(failure!.Message, Does.Contain("there.example:80"));
            }
        }
    }

    [Test]
    public async Task A_resolver_that_does_not_heed_its_token_holds_up_no_caller()
    {
        var answer = new TaskCompletionSource<IReadOnlyList<IPAddress>>();
        await using SelectorManager selector = With(new ScriptedResolver((_, _, _) => new ValueTask<IReadOnlyList<IPAddress>>(answer.Task)));
        using var cancellation = new CancellationTokenSource();

        Task<StreamSocket> connecting = selector.Tcp().ConnectAsync("there.example", 80, cancellationToken: cancellation.Token).AsTask();
        Assert.That(connecting.IsCompleted, Is.False);
        await cancellation.CancelAsync();

        OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await connecting.WaitAsync(Waiting.AtOnce))!;
        Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
        answer.SetException(new SocketException((int)SocketError.HostNotFound));
    }

    [Test]
    public async Task Disposing_of_the_manager_ends_what_waits_for_a_name()
    {
        var answer = new TaskCompletionSource<IReadOnlyList<IPAddress>>();
        SelectorManager selector = With(new ScriptedResolver((_, _, _) => new ValueTask<IReadOnlyList<IPAddress>>(answer.Task)));
        Task[] waiting =
        [
            selector.Tcp().ConnectAsync("there.example", 80).AsTask(),
            selector.Tcp().BindAsync("here.example").AsTask(),
            selector.Udp().ConnectAsync("there.example", 80).AsTask(),
            selector.Udp().BindAsync("here.example").AsTask(),
        ];

        await selector.DisposeAsync();

        foreach (Task task in waiting)
        {
            Assert.That(await task.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        }

        answer.SetResult([]);
    }

    [Test]
    public async Task The_connect_timeout_counts_the_time_of_the_resolver()
    {
        var time = new ObservedTime();
        var answer = new TaskCompletionSource<IReadOnlyList<IPAddress>>();
        await using SelectorManager selector = CreateManager(new SelectorOptions
        {
            TimeProvider = time,
            NameResolver = new ScriptedResolver((_, _, token) => new ValueTask<IReadOnlyList<IPAddress>>(answer.Task.WaitAsync(token))),
        });

        Task<StreamSocket> connecting = selector.Tcp().ConnectAsync("there.example", 80, options => options.ConnectTimeout = TimeSpan.FromSeconds(7)).AsTask();
        await Waiting.UntilAsync(() => time.Timers > 0);
        time.Advance(TimeSpan.FromSeconds(7));

        Exception? failure = await connecting.OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<TimeoutException>());
        Assert.That(failure!.Message, Does.Contain("there.example:80").And.Contain("7 s"));
    }

    private SelectorManager With(INameResolver resolver) => CreateManager(new SelectorOptions { NameResolver = resolver });
}
