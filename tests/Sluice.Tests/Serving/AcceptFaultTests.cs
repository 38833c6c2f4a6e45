using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Sluice.Serving;
using Sluice.Tests.CrossCutting.Callbacks;
using Sluice.Tests.Diagnostics;

namespace Sluice.Tests.Serving;

/// <summary>Code of the user's that throws while a connection is accepted: no client waits in vain because of it.</summary>
public sealed class AcceptFaultTests(SelectorEngine engine) : LoggedFixture(engine)
{
    [TestCase("sluice.accepted_connections")]
    [TestCase("sluice.active_connections")]
    [TestCase("sluice.connection.duration")]
    [TestCase("sluice.active_tls_handshakes", true)]
    [TestCase("sluice.tls_handshake.duration", true)]
    public async Task A_listener_of_the_meter_that_throws_costs_no_connection(string instrument, bool tls = false)
    {
        using var meter = new HookedMeter(static () => throw new NotSupportedException("a listener"), instrument);
        await using SelectorManager selector = CreateManager(new SelectorOptions { MeterFactory = meter, LoggerFactory = LoggerFactory });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        if (tls)
        {
            server.UseTls(ServerCertificate);
        }

        Task serving = server.ServeAsync(async (connection, token) => await connection.Output.WriteLineAsync("served", token));
        for (int i = 0; i < 2; i++)
        {
            await using StreamSocket client = await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            Connection connection = client.OpenConnection();
            connection = tls ? await connection.UpgradeToTlsClientAsync(Trusting()).Soon() : connection;
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("served"));
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
        Assert.That(Logged.Count("ObserverFailed") + Logged.Count("DisposalFailed"), Is.GreaterThan(0));
    }

    [Test]
    public async Task A_listener_of_activities_that_throws_costs_no_connection()
    {
        // Listeners hear of the activities of all tests.
        var isOwn = new AsyncLocal<bool> { Value = true };
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Sluice",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ =>
            {
                if (isOwn.Value)
                {
                    throw new NotSupportedException("a listener");
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();

        await using StreamSocket client = await Selector.Tcp().ConnectAsync("localhost", server.Port).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        Assert.That(Logged.Count("ObserverFailed"), Is.EqualTo(2));
        Assert.That(Selector.Describe().Sockets, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_clock_that_refuses_the_timer_of_a_pause_after_a_failed_accept_ends_no_listener()
    {
        int asked = 0;
        await using SelectorManager selector = CreateManager(new SelectorOptions
        {
            LoggerFactory = LoggerFactory,
            TimeProvider = new UserTime(call =>
            {
                if (call == "TimeProvider.CreateTimer")
                {
                    asked++;
                    throw new NotSupportedException("a clock");
                }
            }),
        });
        var backoff = new AcceptBackoff(selector.Context.Engine, new IPEndPoint(IPAddress.Loopback, 1));
        var error = new SocketException((int)SocketError.TooManyOpenSockets);
        await backoff.PauseAsync(error, CancellationToken.None).AsTask().Soon();
        Assert.That(asked, Is.GreaterThan(0));
        Assert.CatchAsync<OperationCanceledException>(() => backoff.PauseAsync(error, new CancellationToken(canceled: true)).AsTask().Soon());
    }

    [Test]
    public async Task An_exception_of_a_handler_without_a_message_costs_no_place()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        int count = 0;
        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                if (Interlocked.Increment(ref count) == 1)
                {
                    throw new UnspeakableException();
                }

                await connection.Output.WriteLineAsync("served", token);
            },
            new ServeOptions { MaxConnections = 1 });
        using (Socket first = await Peers.ConnectAsync(server.LocalEndPoint))
        {
            await first.EndAsync().Soon();
        }

        await using StreamSocket second = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        Assert.That(await second.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("served"));
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task An_exception_of_a_handshake_without_a_message_costs_no_place()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        int count = 0;
        server.UseTls(
            (_, _, _, _) => Interlocked.Increment(ref count) == 1 ? throw new UnspeakableException() : new(Serving()), state: null, new TlsOptions { MaxPendingHandshakes = 1 });
        Task serving = server.ServeAsync(async (connection, token) => await connection.Output.WriteLineAsync("served", token));
        Connection first = (await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon()).OpenConnection();
        Assert.That(await first.UpgradeToTlsClientAsync(Trusting()).OutcomeAsync(), Is.Not.Null);

        await using StreamSocket second = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        Connection connection = await second.OpenConnection().UpgradeToTlsClientAsync(Trusting()).Soon();

        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("served"));
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
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

        Assert.That((log.Count("AdmitFailed"), log.Count("ConnectionRefused"), log.Count("ObserverFailed")), Is.EqualTo((0, 1, 1)));
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

    private sealed class UnspeakableException : TimeoutException
    {
        public override string Message => throw new NotSupportedException("a message");
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
