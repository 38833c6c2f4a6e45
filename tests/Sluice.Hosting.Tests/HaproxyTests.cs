using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.Hosting.Tests;

/// <summary>A host behind haproxy.</summary>
public sealed class HaproxyTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    private readonly CollectingLoggerProvider _logged = new();

    [TestCase("option httpchk GET /", "send-proxy-v2 check port HEALTH")]
    [TestCase("option httpchk GET /", "send-proxy check port HEALTH check-send-proxy")]
    [TestCase("option httpchk OPTIONS *", "send-proxy-v2 check port HEALTH check-send-proxy")]
    public async Task It_sends_no_new_client_to_a_host_that_drains_and_those_that_are_there_are_served(string check, string server)
    {
        RealPeer.Find("haproxy");
        using IHost host = await StartAsync();
        IPEndPoint front = FreeAddress.Take();
        await using RealPeer haproxy = await StartHaproxyAsync(host, front, check, server);
        Connection before = await UntilServedAsync(front);

        using var enough = new CancellationTokenSource();
        Task stopping = host.StopAsync(enough.Token);
        await Waiting.UntilAsync(async () =>
        {
            await using Connection? late = await TryAskAsync(front);
            return late is null;
        });

        await before.Output.WriteLineAsync("still").Soon();
        Assert.That(await before.Input.ReadLineAsync().Soon(), Does.EndWith("still"));
        await enough.CancelAsync();
        await before.CloseAsync().Soon();
        await stopping.Soon();
        Assert.That(Problems(), Is.Empty);
    }

    [TestCase("send-proxy-v2 check")]
    [TestCase("send-proxy-v2 check port CLIENTS")]
    public async Task Its_checks_of_the_port_for_clients_are_no_errors(string server)
    {
        RealPeer.Find("haproxy");
        using IHost host = await StartAsync(TimeSpan.Zero);
        IPEndPoint front = FreeAddress.Take();
        await using (await StartHaproxyAsync(host, front, string.Empty, server))
        {
            Connection client = await UntilServedAsync(front);

            // Some checks: one comes every 50 ms.
            await Task.Delay(500);
            await client.CloseAsync().Soon();
        }

        await host.StopAsync().Soon();
        Assert.That(Problems(), Is.Empty);
    }

    private static IPEndPoint EndPoint(IHost host, string name) =>
        (IPEndPoint)host.Services.GetRequiredKeyedService<ISocketServer>(name).EndPoints.Values.Single();

    private static async Task<RealPeer> StartHaproxyAsync(IHost host, IPEndPoint front, string check, string server)
    {
        using var folder = new TemporaryFolder();
        server = server.Replace("HEALTH", $"{EndPoint(host, "health").Port}", StringComparison.Ordinal)
            .Replace("CLIENTS", $"{EndPoint(host, "echo").Port}", StringComparison.Ordinal);
        string file = folder.Write("haproxy.cfg", $"""
            global
                maxconn 100
            defaults
                mode tcp
                timeout connect 30s
                timeout client 30s
                timeout server 30s
            listen test
                bind {front}
                {check}
                server back {EndPoint(host, "echo")} {server} inter 50ms fall 1 rise 1

            """);
        RealPeer haproxy = RealPeer.Start("haproxy", "-db", "-f", file);

        // Reads its file before it listens.
        await Waiting.UntilAsync(() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Contains(front));
        return haproxy;
    }

    // A check that begins before the stop finds the server draining, which the framework logs as an error.
    private IEnumerable<string> Problems() =>
        _logged.Entries.Where(entry => entry.Exception is not null || entry.Level >= LogLevel.Warning || entry.Event is "ConnectionFailed" or "ProxyHeaderRefused")
            .Where(entry => entry.Event is not ("LoopHandedOff" or "DrainCutShort" or "HealthCheckEnd"))
            .Select(entry => $"{entry.Event}: {entry.Message} {entry.Exception}");

    // Until haproxy has seen that the host is healthy.
    private async Task<Connection> UntilServedAsync(IPEndPoint front)
    {
        Connection? served = null;
        await Waiting.UntilAsync(async () => (served = await TryAskAsync(front)) is not null);
        return served!;
    }

    // Null: haproxy has closed the connection, because it knows of no host.
    private async Task<Connection?> TryAskAsync(IPEndPoint front)
    {
        try
        {
            Connection connection = (await Selector.Tcp().ConnectAsync(front).Soon()).OpenConnection();
            await connection.Output.WriteLineAsync("x").Soon();
            if (await connection.Input.ReadLineAsync().Soon() is { } answer)
            {
                Assert.That(answer, Does.EndWith("x"));
                return connection;
            }

            await connection.CloseAsync().Soon();
        }
        catch (IOException)
        {
            // Reset.
        }

        return null;
    }

    private async Task<IHost> StartAsync(TimeSpan? delay = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logged);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_long);
        builder.Services.AddSingleton<HandlerCounts>();
        builder.Services.AddSluice(selector => selector.Engine = Engine);
        builder.Services.AddSocketServer("health", options => options.ListenTcp("127.0.0.1", 0)).HandleHealthChecks();
        builder.Services.AddSocketServer("echo", options =>
            {
                options.DrainDelay = delay ?? s_long;
                options.ListenTcp("127.0.0.1", 0)
                    .ConfigureTcp(tcp => tcp.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } });
            })
            .Handle<EchoHandler>().AddHealthCheck();
        IHost host = builder.Build();
        await host.StartAsync().Soon();
        return host;
    }
}
