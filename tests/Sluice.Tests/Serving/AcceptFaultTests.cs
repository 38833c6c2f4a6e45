using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Sluice.Tests.Diagnostics;

namespace Sluice.Tests.Serving;

/// <summary>Code of the user's that throws while a connection is accepted: no client waits in vain because of it.</summary>
public sealed class AcceptFaultTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task A_connection_that_a_listener_of_the_meter_keeps_from_its_caller_is_closed()
    {
        using var meter = new HookedMeter(static () => throw new NotSupportedException("a listener"), "sluice.accepted_connections");
        await using SelectorManager selector = CreateManager(new SelectorOptions { MeterFactory = meter });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);

        Assert.That(await server.AcceptAsync().OutcomeAsync(), Is.InstanceOf<NotSupportedException>());

        await client.EndAsync().Soon();
    }

    [Test]
    public async Task A_listener_of_the_meter_that_throws_leaves_no_refused_client_open_and_takes_no_place()
    {
        using var meter = new HookedMeter(static () => throw new NotSupportedException("a listener"), "sluice.rejected_connections");
        await using SelectorManager selector = CreateManager(new SelectorOptions { MeterFactory = meter });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        server.UseTls(ServerCertificate, new TlsOptions { MaxPendingHandshakes = 1 });
        Task serving = server.ServeAsync((_, _) => Task.CompletedTask);
        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            await client.SendAsync("this is no handshake\r\n"u8.ToArray());
            await client.EndAsync().Soon();
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_listener_of_the_meter_that_throws_is_not_taken_for_the_Admit_callback()
    {
        using var meter = new HookedMeter(static () => throw new NotSupportedException("a listener"), "sluice.rejected_connections");
        using var log = new CollectingLoggerProvider();
        using ILoggerFactory factory = log.CreateFactory();
        await using SelectorManager selector = CreateManager(new SelectorOptions { MeterFactory = meter, LoggerFactory = factory });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync((_, _) => Task.CompletedTask, new ServeOptions { Admit = (_, _) => ValueTask.FromResult(false) });
        await Peers.ConnectToEndAsync(server.LocalEndPoint).Soon();
        await server.StopAsync(Patience).Soon();
        await serving.Soon();

        Assert.That((log.Count("AdmitFailed"), log.Count("ConnectionRefused"), log.Count("DisposalFailed")), Is.EqualTo((0, 1, 1)));
    }

    [Test]
    public async Task A_client_whose_permit_could_not_be_asked_for_is_closed()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        await using var limiter = new BrokenLimiter();
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        Task serving = server.ServeAsync((_, _) => Task.CompletedTask, new ServeOptions { AcceptLimiter = limiter });

        Assert.That(await serving.OutcomeAsync().Soon(), Is.InstanceOf<NotSupportedException>());

        await client.EndAsync().Soon();
    }

    [Test]
    public async Task An_accept_that_throws_leaves_the_next_client_to_the_next_accept()
    {
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = new ClockThatThrowsOnce() });
        await using ServerSocket server = await selector.Tcp()
            .BindAsync("127.0.0.1", 0, options => options.Accepted.SocketTimeout = TimeSpan.FromMinutes(1)).Soon();
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket second = await Peers.ConnectAsync(server.LocalEndPoint);

        // The loop has been told of both by then: no signal comes after the first accept.
        await Waiting.PauseAsync(TimeSpan.FromMilliseconds(200));

        Assert.That(await server.AcceptAsync().OutcomeAsync(), Is.InstanceOf<NotSupportedException>());
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        await first.EndAsync().Soon();
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(second.LocalEndPoint));
    }

    private sealed class BrokenLimiter : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => throw new NotSupportedException("a limiter");

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
            throw new NotSupportedException("a limiter");
    }

    private sealed class ClockThatThrowsOnce : TimeProvider
    {
        private int _asked;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Interlocked.Increment(ref _asked) == 1 ? throw new NotSupportedException("a clock") : base.CreateTimer(callback, state, dueTime, period);
    }
}
