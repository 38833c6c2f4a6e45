using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sluice.Hosting.Tests;

/// <summary>How a host tells load balancers that it stops, before it stops to serve.</summary>
public sealed class DrainTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    private readonly CollectingLoggerProvider _logged = new();

    [Test]
    public async Task While_it_drains_a_server_accepts_and_serves_and_its_health_check_fails()
    {
        using IHost host = await StartAsync();
        ISocketServer server = Server(host, "echo");
        var checks = host.Services.GetRequiredService<HealthCheckService>();
        Connection before = await ConnectAsync(host, "echo");
        Assert.That(await AskAsync(before, "a"), Does.EndWith("a"));
        Assert.That((server.IsDraining, (await checks.CheckHealthAsync().Soon()).Status), Is.EqualTo((false, HealthStatus.Healthy)));

        using var enough = new CancellationTokenSource();
        Task stopping = host.StopAsync(enough.Token);
        await Waiting.UntilAsync(() => server.IsDraining);

        HealthReport report = await checks.CheckHealthAsync().Soon();
        Assert.That((server.IsListening, report.Status, report.Entries["echo"].Description), Is.EqualTo((true, HealthStatus.Unhealthy, "Socket server 'echo' is draining.")));
        Assert.That(await AskAsync(before, "b"), Does.EndWith("b"));
        Connection after = await ConnectAsync(host, "echo");
        Assert.That(await AskAsync(after, "c"), Does.EndWith("c"));
        Assert.That(_logged.Count("ServerDraining"), Is.EqualTo(1));

        await enough.CancelAsync();
        await stopping.Soon();
        Assert.That((server.IsDraining, server.IsListening), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task The_delays_of_two_servers_run_at_the_same_time()
    {
        var delay = TimeSpan.FromSeconds(1);
        using IHost host = await StartAsync(delay, services => services.AddSocketServer("second", options => Listen(options, delay)).Handle<EchoHandler>());

        long started = TimeProvider.System.GetTimestamp();
        await host.StopAsync().Soon();

        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(delay * 0.9));
        Assert.That(_logged.Count("ServerStopped"), Is.EqualTo(3));

        // The delay of the second began with that of the first. When its turn came, at most a rest was left.
        Assert.That(_logged.Entries.Where(entry => entry.Event == "ServerDraining").Select(entry => entry.Message).ToArray(), Has.Length.LessThan(2).Or.Some.Not.Contains("for 1 s more"));
    }

    [Test]
    public async Task The_delay_passes_also_by_a_clock_that_throws()
    {
        bool throws = false;
        var time = new ThrowingTime(call => _ = throws && call == "TimeProvider.CreateTimer" ? throw new NotSupportedException(call) : 0);
        var delay = TimeSpan.FromSeconds(0.5);
        using IHost host = await StartAsync(delay, services => services.AddSluice(selector => selector.TimeProvider = time));
        throws = true;

        long started = TimeProvider.System.GetTimestamp();
        Task stopping = host.StopAsync();
        await Waiting.UntilAsync(() => Server(host, "echo").IsDraining);
        await using Connection connection = await ConnectAsync(host, "echo");
        Assert.That(await AskAsync(connection, "a"), Does.EndWith("a"));
        await connection.CloseAsync().Soon();
        await stopping.Soon();

        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(delay * 0.9));
        throws = false;
    }

    [Test]
    public async Task Health_checks_over_HTTP_are_answered_also_by_a_clock_that_throws()
    {
        bool throws = false;
        var time = new ThrowingTime(call => _ = throws && call == "TimeProvider.CreateTimer" ? throw new NotSupportedException(call) : 0);
        using IHost host = await StartAsync(TimeSpan.Zero, services => services.AddSluice(selector => selector.TimeProvider = time));
        throws = true;

        Assert.That(await GetAsync(host), Is.EqualTo("HTTP/1.1 200 OK Healthy"));
        throws = false;
        await host.StopAsync().Soon();
    }

    [Test]
    public async Task Health_checks_over_HTTP_are_answered_until_everything_else_has_stopped()
    {
        using IHost host = await StartAsync(TimeSpan.Zero);
        Connection held = await ConnectAsync(host, "echo");
        Assert.That(await AskAsync(held, "a"), Does.EndWith("a"));
        Assert.That(await GetAsync(host), Is.EqualTo("HTTP/1.1 200 OK Healthy"));

        // Stopping and draining both count, whatever the health checks say.
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.That(await GetAsync(host), Is.EqualTo("HTTP/1.1 503 Service Unavailable Stopping"));

        EndPoint endPoint = Server(host, "health").EndPoints.Values.Single();
        await host.StopAsync().Soon();
        Assert.That(async () => await Selector.Tcp().ConnectAsync(endPoint).Soon(), Throws.InstanceOf<SocketException>());
        string?[] order = [.. _logged.Entries.Where(entry => entry.Event == "ServerStopped").Select(entry => entry.Message.Split('\'')[1])];
        Assert.That(order, Is.EqualTo((string[])["echo", "health"]));
    }

    [TestCase("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK Healthy")]
    [TestCase("PUT / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK Healthy")]
    [TestCase("HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK")]
    [TestCase("OPTIONS * HTTP/1.0\n\n", "HTTP/1.1 200 OK Healthy")]
    [TestCase("PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK Healthy")]
    [TestCase("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK Healthy")]
    [TestCase("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK Healthy")]
    [TestCase("PROXY nonsense\r\n\r\n", "")]
    [TestCase("anything at all\r\n\r\n", "")]
    public async Task Health_checks_come_with_and_without_PROXY_headers(string request, string answer)
    {
        using IHost host = await StartAsync(TimeSpan.Zero);
        Assert.That(await GetAsync(host, request), Is.EqualTo(answer));
        Assert.That(await GetAsync(host, request, byByte: true), Is.EqualTo(answer));
        await host.StopAsync().Soon();
        Assert.That(Problems(), Is.Empty);
    }

    [Test]
    public async Task A_probe_that_only_connects_is_no_failure([Values] bool resets, [Values("echo", "health")] string name)
    {
        using IHost host = await StartAsync(TimeSpan.Zero, proxy: true);
        for (int i = 0; i < 20; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(Server(host, name).EndPoints.Values.Single()).Soon();
            if (resets)
            {
                socket.LingerState = new LingerOption(true, 0);
            }
        }

        await host.StopAsync().Soon();
        Assert.That(Problems(), Is.Empty);
    }

    [Test]
    public async Task A_probe_that_only_connects_does_not_hold_a_stop_up([Values("", "GET / HTTP/1.1\r\nHost:")] string sent)
    {
        // No time passes.
        using IHost host = await StartAsync(TimeSpan.Zero, services => services.AddSluice(selector => selector.TimeProvider = new ObservedTime()));
        await using Connection probe = await ConnectAsync(host, "health");
        await probe.Output.WriteStringAsync(sent).Soon();
        Assert.That(await GetAsync(host), Is.EqualTo("HTTP/1.1 200 OK Healthy"), "the probe before it is accepted");

        await host.StopAsync().Soon();

        Assert.That(await probe.Input.ReadLineAsync().Soon(), Is.Null);
        Assert.That(Problems(), Is.Empty);
    }

    [Test]
    public async Task The_predicate_selects_the_checks_that_count()
    {
        using IHost host = await StartAsync(
            TimeSpan.Zero,
            services =>
            {
                services.AddHealthChecks().AddCheck("broken", () => HealthCheckResult.Unhealthy(), tags: ["later"]);
                services.AddSocketServer("all", options => Listen(options, TimeSpan.Zero)).HandleHealthChecks();
            },
            predicate: check => !check.Tags.Contains("later"));

        Assert.That(await GetAsync(host), Is.EqualTo("HTTP/1.1 200 OK Healthy"));
        Assert.That(await GetAsync(host, name: "all"), Is.EqualTo("HTTP/1.1 503 Service Unavailable Unhealthy"));
    }

    [Test]
    public void A_delay_that_is_negative_or_endless_is_refused([Values(-1, 86_401)] int seconds)
    {
        OptionsValidationException exception = Assert.ThrowsAsync<OptionsValidationException>(async () => await StartAsync(TimeSpan.FromSeconds(seconds)))!;
        Assert.That(exception.Message, Does.Contain("DrainDelay must be zero to one day."));
    }

    private static ISocketServer Server(IHost host, string name) => host.Services.GetRequiredKeyedService<ISocketServer>(name);

    private static async Task<string?> AskAsync(Connection connection, string line)
    {
        await connection.Output.WriteLineAsync(line).Soon();
        return await connection.Input.ReadLineAsync().Soon();
    }

    private static void Listen(SocketServerOptions options, TimeSpan delay, bool proxy = false)
    {
        options.Grace = s_long;
        options.DrainDelay = delay;
        SocketEndPointOptions endPoint = options.ListenTcp("127.0.0.1", 0);
        if (proxy)
        {
            endPoint.ConfigureTcp(tcp => tcp.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } });
        }
    }

    private IEnumerable<string> Problems() =>
        _logged.Entries.Where(entry => entry.Exception is not null || entry.Level >= LogLevel.Warning || entry.Event is "ConnectionFailed" or "ProxyHeaderRefused")
            .Where(entry => entry.Event != "LoopHandedOff")
            .Select(entry => $"{entry.Event}: {entry.Message} {entry.Exception}");

    // The first line of the answer, and its body.
    private async Task<string> GetAsync(IHost host, string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n", bool byByte = false, string name = "health")
    {
        await using Connection connection = await ConnectAsync(host, name);
        foreach (char[] part in byByte ? request.Chunk(1) : [request.ToCharArray()])
        {
            await connection.Output.WriteAsync(Array.ConvertAll(part, each => (byte)each)).Soon();
        }

        string? status = await connection.Input.ReadLineAsync().Soon();
        while (status is not null && await connection.Input.ReadLineAsync().Soon() is { Length: > 0 })
        {
            // A header.
        }

        return $"{status} {await connection.Input.ReadLineAsync().Soon()}".TrimEnd();
    }

    private async Task<Connection> ConnectAsync(IHost host, string name) =>
        (await Selector.Tcp().ConnectAsync(Server(host, name).EndPoints.Values.Single()).Soon()).OpenConnection();

    private async Task<IHost> StartAsync(
        TimeSpan? delay = null, Action<IServiceCollection>? configure = null, Func<HealthCheckRegistration, bool>? predicate = null, bool proxy = false)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logged);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_long);
        builder.Services.AddSingleton<HandlerCounts>();
        builder.Services.AddSluice(selector => selector.Engine = Engine);
        builder.Services.AddSocketServer("health", options => Listen(options, TimeSpan.Zero)).HandleHealthChecks(predicate);
        builder.Services.AddSocketServer("echo", options => Listen(options, delay ?? s_long, proxy)).Handle<EchoHandler>().AddHealthCheck();
        configure?.Invoke(builder.Services);
        IHost host = builder.Build();
        await host.StartAsync().Soon();
        return host;
    }
}
