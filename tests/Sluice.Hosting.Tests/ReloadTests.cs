using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Tls;

namespace Sluice.Hosting.Tests;

/// <summary>Changes of the configuration while a server runs.</summary>
public sealed class ReloadTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly string[] s_changes = ["MaxConnections", "MaxConnectionsPerAddress"];

    [Test]
    public async Task Limits_and_a_grace_that_code_has_set_stay_as_they_are()
    {
        ServeOptions? serve = null;
        using IHost host = await StartAsync(Plain(), configure: options => options.ConfigureServe(it =>
        {
            serve = it;
            it.MaxConnectionsPerAddress = 7;
            it.Grace = TimeSpan.FromMilliseconds(50);
        }));
        IConfigurationRoot configuration = ConfigurationOf(host);
        configuration.Reload();
        Assert.That((serve!.MaxConnectionsPerAddress, serve.MaxConnections), Is.EqualTo((7, ServeOptions.DefaultMaxConnections)));

        configuration["S:MaxConnections"] = "11";
        configuration["S:MaxConnectionsPerAddress"] = "12";
        configuration["S:Grace"] = "01:00:00";
        configuration.Reload();

        Assert.That((serve.MaxConnectionsPerAddress, serve.MaxConnections), Is.EqualTo((7, 11)));

        // The handler does not end: the host waits for the grace that the code has set, not for an hour.
        Connection client = await ConnectAsync(host);
        await client.Output.WriteLineAsync("x").Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("x"));
        await host.StopAsync().Soon();
    }

    [Test]
    public async Task A_reload_that_changes_nothing_changes_nothing()
    {
        ServeOptions? serve = null;
        using var log = new CollectingLoggerProvider();
        using IHost host = await StartAsync(Plain(), log, options => options.ConfigureServe(it => serve = it));
        serve!.MaxConnections = 3;

        ConfigurationOf(host).Reload();

        Assert.That(serve.MaxConnections, Is.EqualTo(3));
        Assert.That(log.Entries.Where(entry => entry.Level > LogLevel.Information || entry.Event == "LimitsReloaded"), Is.Empty);
    }

    [TestCase("Grace", "30.00:00:00", "Grace must be")]
    [TestCase("EndPoints:a:Certificate:Interval", "30.00:00:00", "Interval must be")]
    [TestCase("EndPoints:a:SocketTimeout", "30.00:00:00", "SocketTimeout must be")]
    [TestCase("EndPoints:a:Url", "", "is not a valid URL")]
    [TestCase("MaxConnections", "many", "many")]
    public async Task Options_that_are_invalid_are_logged_and_all_other_listeners_are_told(string key, string value, string said)
    {
        using var folder = new TemporaryFolder();
        using var log = new CollectingLoggerProvider();
        ServeOptions? serve = null;
        using IHost host = await StartAsync(Tls(folder), log, options => options.ConfigureServe(it => serve = it));
        int told = 0;
        using IDisposable? other = host.Services.GetRequiredService<IOptionsMonitor<SocketServerOptions>>().OnChange(_ => told++);
        IConfigurationRoot configuration = ConfigurationOf(host);
        configuration["S:MaxConnectionsPerAddress"] = "5";
        configuration[$"S:{key}"] = value;

        configuration.Reload();

        Assert.That(told, Is.EqualTo(1));
        Assert.That(log.Entries.Single(entry => entry.Event == "OptionsRefused").Message, Does.Contain(said));
        Assert.That(serve!.MaxConnectionsPerAddress, Is.EqualTo(int.MaxValue));

        // The next options that are valid apply.
        configuration[$"S:{key}"] = Tls(folder).GetValueOrDefault($"S:{key}") ?? Defaults.GetValueOrDefault(key);
        configuration.Reload();
        Assert.That((told, serve.MaxConnectionsPerAddress), Is.EqualTo((2, 5)));
    }

    [Test]
    public async Task A_certificate_that_cannot_be_read_is_logged()
    {
        using var folder = new TemporaryFolder();
        using var log = new CollectingLoggerProvider();
        using IHost host = await StartAsync(Tls(folder), log);
        IConfigurationRoot configuration = ConfigurationOf(host);
        File.WriteAllText(folder.PathOf("wrong.pem"), "wrong");
        configuration["S:EndPoints:a:Certificate:Path"] = folder.PathOf("wrong.pem");

        configuration.Reload();

        Assert.That(log.Count("CertificateUnusable"), Is.EqualTo(1));
    }

    [TestCase("Url", "tcp://127.0.0.1:1")]
    [TestCase("SocketTimeout", "00:00:05")]
    [TestCase("Backlog", "5")]
    public async Task End_points_that_change_are_logged(string key, string value)
    {
        using var log = new CollectingLoggerProvider();
        using IHost host = await StartAsync(Plain(), log);
        IConfigurationRoot configuration = ConfigurationOf(host);
        configuration.Reload();
        Assert.That(log.Count("EndPointsIgnored"), Is.Zero);

        configuration[$"S:EndPoints:a:{key}"] = value;
        configuration.Reload();

        Assert.That(log.Count("EndPointsIgnored"), Is.EqualTo(1));
    }

    [TestCaseSource(nameof(s_changes))]
    public async Task A_logger_that_throws_does_not_disturb_a_reload_and_a_stop(string limit)
    {
        using var log = new ThrowingLoggerProvider();
        ServeOptions? serve = null;
        using IHost host = await StartAsync(Plain(), log, options => options.ConfigureServe(it => serve = it));
        IConfigurationRoot configuration = ConfigurationOf(host);
        configuration[$"S:{limit}"] = "6";

        configuration.Reload();

        Assert.That((int[])[serve!.MaxConnections, serve.MaxConnectionsPerAddress], Does.Contain(6));
        await host.StopAsync().Soon();
    }

    [TestCase("7", true, TestName = "A_change_while_the_server_starts_applies({a})")]
    [TestCase("-1", false, TestName = "A_change_to_invalid_options_while_the_server_starts_is_logged({a})")]
    [TestCase("many", false, TestName = "A_change_to_what_is_no_number_while_the_server_starts_is_logged({a})")]
    public async Task A_change_while_the_server_starts(string most, bool isValid)
    {
        ServeOptions? serve = null;
        using var log = new CollectingLoggerProvider();
        using IHost host = await StartAsync(Plain(), log, whileStarting: (configuration, it) =>
        {
            serve = it;
            configuration["S:MaxConnections"] = most;
            configuration.Reload();
        });

        Assert.That(serve!.MaxConnections, Is.EqualTo(isValid ? 7 : ServeOptions.DefaultMaxConnections));
        Assert.That((log.Count("LimitsReloaded"), log.Count("OptionsRefused")), Is.EqualTo(isValid ? (1, 0) : (0, 1)));
        await host.StopAsync().Soon();
    }

    [Test]
    public async Task Of_two_changes_at_once_the_later_one_holds()
    {
        ServeOptions? serve = null;
        using var firstIsTold = new SemaphoreSlim(0);
        using var secondIsOver = new SemaphoreSlim(0);
        using var other = new ConfigurationManager();
        using IHost host = await StartAsync(
            Plain(),
            configure: options => options.ConfigureServe(it => serve = it),
            add: server => server.Bind(other),
            beforeStart: services =>
            {
                // It is told before the server.
                int told = 0;
                services.GetRequiredService<IOptionsMonitor<SocketServerOptions>>().OnChange(_ =>
                {
                    if (++told == 1)
                    {
                        firstIsTold.Release();
                        secondIsOver.Wait();
                    }
                });
            });
        IConfigurationRoot configuration = ConfigurationOf(host);
        configuration["S:MaxConnections"] = "7";
        Task first = Task.Run(configuration.Reload);
        await firstIsTold.WaitAsync().Soon();

        other["MaxConnections"] = "9";
        ((IConfigurationRoot)other).Reload();
        Assert.That(serve!.MaxConnections, Is.EqualTo(9));
        secondIsOver.Release();
        await first.Soon();

        Assert.That(serve.MaxConnections, Is.EqualTo(9));
        await host.StopAsync().Soon();
    }

    private static Dictionary<string, string> Defaults { get; } = new()
    {
        ["Grace"] = "00:00:05",
        ["EndPoints:a:Certificate:Interval"] = "00:00:10",
        ["EndPoints:a:SocketTimeout"] = "00:00:10",
        ["MaxConnections"] = "100",
    };

    private static Dictionary<string, string?> Plain() => new() { ["S:EndPoints:a:Url"] = "tcp://127.0.0.1:0" };

    private static Dictionary<string, string?> Tls(TemporaryFolder folder)
    {
        string path = folder.PathOf("server.pfx");
        if (!File.Exists(path))
        {
            using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(TestCertificates.Authority, ["server"]);
            CertificateFiles.WritePfx(certificate, path, "secret");
        }

        return new()
        {
            ["S:EndPoints:a:Url"] = "tls://127.0.0.1:0",
            ["S:EndPoints:a:Certificate:Path"] = path,
            ["S:EndPoints:a:Certificate:Password"] = "secret",
        };
    }

    private static IConfigurationRoot ConfigurationOf(IHost host) => (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();

    private async Task<Connection> ConnectAsync(IHost host)
    {
        EndPoint endPoint = host.Services.GetRequiredKeyedService<ISocketServer>("echo").EndPoints.Values.Single();
        return (await Selector.Tcp().ConnectAsync(endPoint).Soon()).OpenConnection();
    }

    private async Task<IHost> StartAsync(
        Dictionary<string, string?> settings, ILoggerProvider? log = null, Action<SocketServerOptions>? configure = null,
        Action<IConfigurationRoot, ServeOptions>? whileStarting = null, Action<SocketServerBuilder>? add = null, Action<IServiceProvider>? beforeStart = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddFilter((category, _) => category is "Sluice.Hosting");
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromHours(1));
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddSluice(selector => selector.Engine = Engine);
        if (whileStarting is not null)
        {
            builder.Services.Configure<SocketServerOptions>("echo", options => options.ConfigureServe(serve => whileStarting(builder.Configuration, serve)));
        }

        SocketServerBuilder server = builder.Services.AddSocketServer("echo", configure).Bind(builder.Configuration.GetSection("S")).Handle(async (_, connection, _) =>
        {
            while (await connection.Input.ReadLineAsync(CancellationToken.None) is { } line)
            {
                await connection.Output.WriteLineAsync(line, CancellationToken.None);
            }
        });
        add?.Invoke(server);
        IHost host = builder.Build();
        beforeStart?.Invoke(host.Services);
        await host.StartAsync().Soon();
        return host;
    }
}
