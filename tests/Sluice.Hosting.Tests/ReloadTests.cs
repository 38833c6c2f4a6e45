using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.Hosting.Tests;

/// <summary>Changes of the configuration while a server runs.</summary>
public sealed class ReloadTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly string[] s_changes = ["MaxConnections", "MaxConnectionsPerAddress"];

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

    private static Dictionary<string, string?> Plain() => new() { ["S:EndPoints:a:Url"] = "tcp://127.0.0.1:0" };

    private static IConfigurationRoot ConfigurationOf(IHost host) => (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();

    private async Task<IHost> StartAsync(Dictionary<string, string?> settings, ILoggerProvider? log = null, Action<SocketServerOptions>? configure = null)
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
        builder.Services.AddSocketServer("echo", configure).Bind(builder.Configuration.GetSection("S")).Handle(async (_, connection, _) =>
        {
            while (await connection.Input.ReadLineAsync(CancellationToken.None) is { } line)
            {
                await connection.Output.WriteLineAsync(line, CancellationToken.None);
            }
        });
        IHost host = builder.Build();
        await host.StartAsync().Soon();
        return host;
    }
}
