using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Hosting;

namespace Sluice.Snippets;

public static class OrleansSnippets
{
    public static void Silo(string[] args)
    {
        // <orleans-silo>
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering()
            .UseSluice());                                              // nothing else changes
        // </orleans-silo>
    }

    public static void Node(string[] args)
    {
        // <orleans-node>
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleans(silo => silo.UseLocalhostClustering().UseSluice());                  // added first: stops last
        builder.Services.AddSocketServer("health", options => options.ListenTcp(8081)).HandleHealthChecks();
        builder.Services.AddSocketServer("clients", options =>
            {
                options.ListenTcp(4000);
                options.DrainDelay = TimeSpan.FromSeconds(2);
            })
            .Handle<ClientHandler>()                                                            // gets IGrainFactory from dependency injection
            .AddHealthCheck();
        // </orleans-node>
    }

    public static void Client(string[] args)
    {
        // <orleans-client>
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleansClient(client => client.UseLocalhostClustering().UseSluice());
        // </orleans-client>
    }

    public static void Options(ISiloBuilder silo)
    {
        // <orleans-options>
        silo.UseSluice(options =>
        {
            options.ConfigureSelector = selector => selector.LoopCount = 2;
            options.ConfigureTcp = tcp => tcp.Accepted.KeepAliveTime = TimeSpan.FromSeconds(20);    // from silos and clients
            options.ConfigureConnect = connect => connect.ConnectTimeout = TimeSpan.FromSeconds(2); // to silos
        });
        // </orleans-options>
    }

    private sealed class ClientHandler : ISocketHandler
    {
        public Task HandleAsync(Connection connection, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
