using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Hosting;

namespace Sluice.Snippets;

internal static class HostingSnippets
{
    public static void Add(IServiceCollection services)
    {
        // <hosting-add>
        services.AddSocketServer("echo", options => options.ListenTcp(2323))
            .Handle<EchoHandler>()
            .AddHealthCheck();
        // </hosting-add>
    }

    public static void EndPoints(IServiceCollection services)
    {
        // <hosting-endpoints>
        services.AddSocketServer("game", options =>
            {
                options.ListenTcp("0.0.0.0", 4000);
                options.ListenTls("0.0.0.0", 4433, new SocketCertificateOptions { Path = "/etc/game/tls.pem", KeyPath = "/etc/game/tls.key" });
                options.ListenUnix("/run/game/control.sock").ConfigureUnix(unix => unix.FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite);
                options.ListenUdp("0.0.0.0", 4000);
                options.MaxConnectionsPerAddress = 20;
                options.Grace = TimeSpan.FromSeconds(30);
            })
            .Handle<PlayerHandler>()
            .HandleDatagrams<PositionHandler>();
        // </hosting-endpoints>
    }

    public static void Drain(IServiceCollection services)
    {
        // <hosting-drain>
        services.AddSocketServer("health", options => options.ListenTcp("0.0.0.0", 8081)).HandleHealthChecks();
        services.AddSocketServer("game", options =>
            {
                options.ListenTcp("0.0.0.0", 4000).ConfigureTcp(tcp => tcp.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("10.0.0.0/8") } });
                options.DrainDelay = TimeSpan.FromSeconds(5);       // longer than the load balancer takes to notice
            })
            .Handle<PlayerHandler>()
            .AddHealthCheck();
        // </hosting-drain>
    }

    public static void Bind(IServiceCollection services, IConfiguration configuration)
    {
        // <hosting-bind>
        services.AddSocketServer("echo").Bind(configuration.GetSection("SocketServers:echo")).Handle<EchoHandler>();
        // </hosting-bind>
    }

    public static void Selector(IServiceCollection services)
    {
        // <hosting-selector>
        services.AddSluice(selector => selector.LoopCount = 4);
        // </hosting-selector>
    }

    public static void Connections(IServiceCollection services)
    {
        // <hosting-connections>
        services.AddSluiceConnections(options => options.ConfigureTcp = tcp => tcp.Backlog = 1024);
        services.AddKeyedSluiceConnections("cluster", options => options.ConfigureConnect = connect => connect.ConnectTimeout = TimeSpan.FromSeconds(5));
        // </hosting-connections>
    }

    public static void Find(IServiceProvider services)
    {
        // <hosting-find>
        ISocketServer server = services.GetRequiredKeyedService<ISocketServer>("echo");
        Console.WriteLine(server.EndPoints["plain"]);       // with the port that the system chose
        // </hosting-find>
    }

    // <hosting-handler>
    internal sealed class EchoHandler(Greetings greetings) : ISocketHandler
    {
        public async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
        {
            await connection.Output.WriteLineAsync(greetings.Today, cancellationToken);
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        }
    }
    // </hosting-handler>

    internal sealed record Greetings(string Today);

    internal sealed class PlayerHandler : ISocketHandler
    {
        public Task HandleAsync(Connection connection, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    internal sealed class PositionHandler : IDatagramHandler
    {
        public Task HandleAsync(DatagramSocket socket, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
