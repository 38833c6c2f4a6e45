using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Tls;

namespace Sluice.Hosting.Tests;

public sealed class SocketServerTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sl").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Each_connection_has_a_handler_and_a_scope_of_its_own()
    {
        using IHost host = await StartAsync(options => options.ListenTcp("127.0.0.1", 0));
        EndPoint endPoint = Server(host).EndPoints.Values.Single();
        Connection first = await ConnectAsync(endPoint);
        Connection second = await ConnectAsync(endPoint);
        string?[] answers = [await AskAsync(first, "a"), await AskAsync(first, "b"), await AskAsync(second, "c")];
        Assert.That(answers, Is.EqualTo((string[])["1: a", "1: b", "2: c"]));
        var counts = host.Services.GetRequiredService<HandlerCounts>();
        Assert.That(counts.Disposed, Is.Zero);
        await first.CloseAsync().Soon();
        await Waiting.UntilAsync(() => counts.Disposed > 0);

        await second.CloseAsync().Soon();
        await host.StopAsync().Soon();
        Assert.That(counts.Disposed, Is.EqualTo(2));
    }

    [Test]
    public async Task A_server_at_localhost_is_there_in_both_families_until_it_stops()
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.Ignore("There is no IPv6 here.");
        }

        using IHost host = await StartAsync(options => options.ListenTcp("localhost", 0));
        var endPoint = (IPEndPoint)Server(host).EndPoints.Values.Single();
        Connection four = await ConnectAsync(new IPEndPoint(IPAddress.Loopback, endPoint.Port));
        Assert.That(await AskAsync(four, "a"), Is.EqualTo("1: a"));
        Connection six = await ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port));
        Assert.That(await AskAsync(six, "b"), Is.EqualTo("2: b"));
        await four.CloseAsync().Soon();
        await six.CloseAsync().Soon();
        await host.StopAsync().Soon();
        foreach (IPAddress address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            SocketException refused = Assert.ThrowsAsync<SocketException>(async () => await ConnectAsync(new IPEndPoint(address, endPoint.Port)))!;
            Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        }
    }

    [Test]
    public async Task A_service_provider_can_be_disposed_of_synchronously_whether_its_server_has_stopped_or_not([Values] bool stops, [Values] bool twice)
    {
        ServiceProvider services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<HandlerCounts>()
            .AddSingleton<IHostApplicationLifetime, Microsoft.Extensions.Hosting.Internal.ApplicationLifetime>()
            .AddSluice(selector => selector.Engine = Engine)
            .AddSocketServer("echo", options => options.ListenTcp("127.0.0.1", 0)).Handle<EchoHandler>().Services
            .BuildServiceProvider();
        IHostedService hosted = services.GetServices<IHostedService>().Single();
        await hosted.StartAsync(CancellationToken.None).Soon();
        EndPoint endPoint = services.GetRequiredKeyedService<ISocketServer>("echo").EndPoints.Values.Single();
        Connection client = await ConnectAsync(endPoint);
        Assert.That(await AskAsync(client, "a"), Is.EqualTo("1: a"));
        if (stops)
        {
            await client.CloseAsync().Soon();
            await hosted.StopAsync(CancellationToken.None).Soon();
        }

        await Task.Run(services.Dispose).Soon();
        if (twice)
        {
            await Task.Run(services.Dispose).Soon();
            await ((IAsyncDisposable)hosted).DisposeAsync().Soon();
            ((IDisposable)hosted).Dispose();
        }

        if (!stops)
        {
            Task<string?> reading = client.Input.ReadLineAsync().AsTask();
            await Task.WhenAny(reading).Soon();
            Assert.That(reading.IsFaulted ? reading.Exception!.InnerException : null, Is.Null.Or.TypeOf<IOException>());
            Assert.That(reading.IsFaulted ? null : await reading, Is.Null);
        }

        Assert.That(async () => await Selector.Tcp().ConnectAsync(endPoint).Soon(), Throws.InstanceOf<SocketException>());
    }

    [Test]
    public async Task A_host_that_is_disposed_of_without_a_stop_reports_no_failure_of_its_datagram_handlers()
    {
        using var log = new CollectingLoggerProvider();
        for (int i = 0; i < 20; i++)
        {
            var ended = new CountdownEvent(5);
            IHost host = await StartAsync(
                options =>
                {
                    for (int port = 0; port < ended.InitialCount; port++)
                    {
                        options.EndPoints.Add($"{port}", new SocketEndPointOptions { Url = "udp://127.0.0.1:0" });
                    }
                },
                (server, _) => server.HandleDatagrams(async (_, socket, _) =>
                {
                    try
                    {
                        await foreach (Datagram datagram in socket.ReceiveAllAsync(CancellationToken.None))
                        {
                            datagram.Dispose();
                        }
                    }
                    finally
                    {
                        ended.Signal();
                    }
                }),
                log: log);
            host.Dispose();
            Assert.That(ended.Wait(Patience), Is.True);
            ended.Dispose();
        }

        Assert.That(log.Entries.Where(entry => entry.Event == "ServerFailed"), Is.Empty);
    }

    [Test]
    public async Task A_server_has_end_points_of_every_kind()
    {
        Assume.That(!OperatingSystem.IsWindows());
        (string certificate, string key) = WriteCertificate("server");
        using IHost host = await StartAsync(
            options =>
            {
                options.ListenTcp("127.0.0.1", 0);
                options.ListenUnix(Path.Combine(_folder, "s"));
                options.ListenTls("127.0.0.1", 0, new SocketCertificateOptions { Path = certificate, KeyPath = key });
                options.ListenUdp("127.0.0.1", 0);
            },
            server => server.HandleDatagrams<DatagramEchoHandler>());
        IReadOnlyDictionary<string, EndPoint> endPoints = Server(host).EndPoints;

        Assert.That(await AskAsync(await ConnectAsync(endPoints["tcp://127.0.0.1:0"]), "x"), Does.EndWith(": x"));
        await using (StreamSocket unix = await Selector.Unix().ConnectAsync(Path.Combine(_folder, "s")).Soon())
        {
            Assert.That(await AskAsync(unix.OpenConnection(), "x"), Does.EndWith(": x"));
        }

        Connection secured = await ConnectTlsAsync(endPoints["tls://127.0.0.1:0"]);
        Assert.That(await AskAsync(secured, "x"), Does.EndWith(" tls: x"));
        await using DatagramSocket datagrams = await Selector.Udp().ConnectAsync(endPoints["udp://127.0.0.1:0"]).Soon();
        await datagrams.SendAsync("ping"u8.ToArray()).Soon();
        using Datagram answer = await datagrams.ReceiveAsync().Soon();
        Assert.That(answer.Payload.Length, Is.EqualTo(4));
        await host.StopAsync().Soon();
        Assert.That(Path.Exists(Path.Combine(_folder, "s")), Is.False);
    }

    [Test]
    public async Task Limits_and_certificates_of_the_configuration_change_while_it_serves()
    {
        (string oldOne, string oldKey) = WriteCertificate("old");
        (string newOne, string newKey) = WriteCertificate("new");
        var settings = new Dictionary<string, string?>
        {
            ["Servers:echo:MaxConnections"] = "1",
            ["Servers:echo:Grace"] = "00:00:00.1",
            ["Servers:echo:EndPoints:plain:Url"] = "tcp://127.0.0.1:0",
            ["Servers:echo:EndPoints:secure:Url"] = "tls://127.0.0.1:0",
            ["Servers:echo:EndPoints:secure:Certificate:Path"] = oldOne,
            ["Servers:echo:EndPoints:secure:Certificate:KeyPath"] = oldKey,
        };
        using var log = new CollectingLoggerProvider();
        using IHost host = await StartAsync(null, (server, configuration) => server.Bind(configuration.GetSection("Servers:echo")), settings, log);
        ISocketServer server = Server(host);
        Connection first = await ConnectTlsAsync(server.EndPoints["secure"]);
        Assert.That(first.Tls!.RemoteCertificate!.Subject, Is.EqualTo("CN=old"));
        await AskAsync(first, "x");
        Connection second = await ConnectAsync(server.EndPoints["plain"]);
        Task<string?> waiting = AskAsync(second, "waits");
        Assert.That(await AskAsync(first, "y"), Does.EndWith(": y"));
        Assert.That(waiting.IsCompleted, Is.False);

        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        configuration["Servers:echo:MaxConnections"] = "10";
        configuration["Servers:echo:EndPoints:secure:Certificate:Path"] = newOne;
        configuration["Servers:echo:EndPoints:secure:Certificate:KeyPath"] = newKey;
        configuration.Reload();

        Assert.That(await waiting.Soon(), Does.EndWith(": waits"));
        Connection third = await ConnectTlsAsync(server.EndPoints["secure"]);
        Assert.That(third.Tls!.RemoteCertificate!.Subject, Is.EqualTo("CN=new"));
        Assert.That(await AskAsync(first, "still"), Does.EndWith(": still"));
        Assert.That(log.Entries.Select(entry => entry.Event), Has.Some.EqualTo("LimitsReloaded").And.Some.EqualTo("CertificateReloaded"));

        // A wrong configuration is refused as a whole, and the log says so.
        configuration["Servers:echo:MaxConnections"] = "0";
        configuration.Reload();
        Assert.That(log.Entries.Select(entry => entry.Event), Has.Some.EqualTo("OptionsRefused"));
        Assert.That(await AskAsync(await ConnectAsync(server.EndPoints["plain"]), "z"), Does.EndWith(": z"));
        await host.StopAsync().Soon();
    }

    [TestCase("there is no end point", "MaxConnections", "5")]
    [TestCase("'http://x:1' is not a valid URL", "EndPoints:a:Url", "http://x:1")]
    [TestCase("'tcp://x' is not a valid URL", "EndPoints:a:Url", "tcp://x")]
    [TestCase("'tcp://::1:80' is not a valid URL", "EndPoints:a:Url", "tcp://::1:80")]
    [TestCase("'tcp://x:70000' is not a valid URL", "EndPoints:a:Url", "tcp://x:70000")]
    [TestCase("there is no handler for datagrams", "EndPoints:a:Url", "udp://x:1")]
    [TestCase("a tls end point needs a Certificate", "EndPoints:a:Url", "tls://x:1")]
    public void What_is_wrong_with_the_options_is_said_before_the_host_starts(string said, string key, string value)
    {
        var settings = new Dictionary<string, string?> { [$"Servers:echo:{key}"] = value };
        OptionsValidationException wrong = Assert.ThrowsAsync<OptionsValidationException>(async () =>
            await StartAsync(null, (server, configuration) => server.Bind(configuration.GetSection("Servers:echo")), settings))!;
        Assert.That(wrong.Message, Does.Contain("Socket server 'echo'").And.Contain(said));
    }

    [Test]
    public async Task A_host_whose_server_cannot_listen_does_not_start_and_leaves_nothing()
    {
        await using ServerSocket taken = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        string path = Path.Combine(_folder, "s");
        SocketException refused = Assert.ThrowsAsync<SocketException>(async () => await StartAsync(options =>
        {
            options.ListenUnix(path);
            options.ListenTcp("127.0.0.1", taken.Port);
        }))!;
        Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(Path.Exists(path), Is.False);
    }

    [Test]
    public async Task A_host_that_stops_waits_for_what_is_in_work_and_cuts_it_off_when_the_grace_is_over([Values] bool ends)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IHost host = await StartAsync(
            options =>
            {
                options.ListenTcp("127.0.0.1", 0);
                options.Grace = ends ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(50);
            },
            configure: null,
            handler: async (_, connection, token) =>
            {
                begun.SetResult();
                await go.Task.WaitAsync(token);
                await connection.Output.WriteLineAsync("done", token);
            });
        EndPoint endPoint = Server(host).EndPoints.Values.Single();
        Connection connection = await ConnectAsync(endPoint);
        await begun.Task.Soon();
        Task<string?> answer = connection.Input.ReadLineAsync().AsTask();

        Task stopping = host.StopAsync();
        if (ends)
        {
            Assert.That(stopping.IsCompleted, Is.False);
            go.SetResult();
            Assert.That(await answer.Soon(), Is.EqualTo("done"));
        }
        else
        {
            Assert.CatchAsync<IOException>(async () => await answer.Soon());
        }

        await stopping.Soon();
        Assert.CatchAsync<SocketException>(async () => await Selector.Tcp().ConnectAsync(endPoint).Soon());
    }

    [Test]
    public async Task A_datagram_handler_that_fails_stops_the_host()
    {
        using var log = new CollectingLoggerProvider();
        using IHost host = await StartAsync(
            options => options.ListenUdp("127.0.0.1", 0),
            (server, _) => server.HandleDatagrams((_, _, _) => throw new InvalidOperationException("broken")),
            log: log);
        await host.WaitForShutdownAsync().Soon();
        Assert.That(log.Entries.Select(entry => entry.Event), Has.Some.EqualTo("ServerFailed"));
    }

    [Test]
    public async Task A_logger_that_throws_does_not_keep_a_server_that_fails_from_stopping_the_host()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddFilter((category, _) => category is "Sluice.Hosting").AddProvider(new ThrowingLoggerProvider());
        builder.Services.AddSluice(selector => selector.Engine = Engine);
        builder.Services.AddSocketServer("echo", options => options.ListenUdp("127.0.0.1", 0))
            .HandleDatagrams((_, _, _) => throw new InvalidOperationException("broken"));
        using IHost host = builder.Build();
        await host.StartAsync().Soon();

        await host.WaitForShutdownAsync().Soon();
    }

    [Test]
    public async Task Health_is_told_while_it_listens_and_when_it_does_not()
    {
        using IHost host = await StartAsync(options => options.ListenTcp("127.0.0.1", 0), (server, _) => server.AddHealthCheck());
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
        HealthReport report = await health.CheckHealthAsync().Soon();
        Assert.That(report.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(report.Entries["echo"].Data, Contains.Key("tcp://127.0.0.1:0"));
        if (OperatingSystem.IsLinux())
        {
            Assert.That((int)report.Entries["echo"].Data["descriptors"], Is.Positive);
        }

        await host.StopAsync().Soon();
        Assert.That((await health.CheckHealthAsync().Soon()).Status, Is.EqualTo(HealthStatus.Unhealthy));
    }

    [Test]
    public void A_name_is_that_of_one_server()
    {
        var services = new ServiceCollection();
        services.AddSocketServer("one").Handle<EchoHandler>();
        services.AddSocketServer("two").Handle<EchoHandler>();
        services.AddSocketServer("One").Handle<EchoHandler>();
        Assert.That(() => services.AddSocketServer("one"), Throws.ArgumentException.With.Message.Contains("'one' was added already"));
    }

    [Test]
    public void A_server_has_one_handler()
    {
        var services = new ServiceCollection();
        SocketServerBuilder builder = services.AddSocketServer("echo", options => options.ListenTcp(0)).Handle<EchoHandler>();
        Assert.Throws<InvalidOperationException>(() => builder.Handle<EchoHandler>());
    }

    private async Task<IHost> StartAsync(
        Action<SocketServerOptions>? options,
        Action<SocketServerBuilder>? configure = null,
        Func<IServiceProvider, Connection, CancellationToken, Task>? handler = null) =>
        await StartAsync(options, (server, _) => configure?.Invoke(server), handler: handler);

    private async Task<IHost> StartAsync(
        Action<SocketServerOptions>? options,
        Action<SocketServerBuilder, IConfiguration> configure,
        Dictionary<string, string?>? settings = null,
        CollectingLoggerProvider? log = null,
        Func<IServiceProvider, Connection, CancellationToken, Task>? handler = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        if (log is not null)
        {
            builder.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(log);
        }

        builder.Services.AddSingleton<HandlerCounts>();
        builder.Services.AddSluice(selector => selector.Engine = Engine);
        SocketServerBuilder server = builder.Services.AddSocketServer("echo", options);
        configure(server, builder.Configuration);
        _ = handler is null ? server.Handle<EchoHandler>() : server.Handle(handler);
        IHost host = builder.Build();
        try
        {
            await host.StartAsync().Soon();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static ISocketServer Server(IHost host) => host.Services.GetRequiredKeyedService<ISocketServer>("echo");

    private async Task<Connection> ConnectAsync(EndPoint endPoint) => (await Selector.Tcp().ConnectAsync(endPoint).Soon()).OpenConnection();

    private async Task<Connection> ConnectTlsAsync(EndPoint endPoint)
    {
        SslClientAuthenticationOptions any = new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate();
        return (await Selector.Tcp().ConnectTlsAsync("127.0.0.1", ((IPEndPoint)endPoint).Port, any).Soon()).OpenConnection();
    }

    private static async Task<string?> AskAsync(Connection connection, string line)
    {
        await connection.Output.WriteLineAsync(line).Soon();
        return await connection.Input.ReadLineAsync().Soon();
    }

    private (string Certificate, string Key) WriteCertificate(string name)
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(TestCertificates.Authority, [name]);
        string path = Path.Combine(_folder, $"{name}.pem");
        string key = Path.Combine(_folder, $"{name}.key");
        CertificateFiles.WritePem(certificate, path);
        CertificateFiles.WriteKeyPem(certificate, key);
        return (path, key);
    }
}
