using System.Net;
using Cluster.Store;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Sluice;
using Sluice.Hosting;
using StackExchange.Redis;

namespace Cluster.Node;

/// <summary>Builds a node: an Orleans silo and a socket server for clients, both on Sluice.</summary>
internal static class NodeHost
{
    public static IHost Create(string[] args)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
        NodeOptions node = builder.Configuration.Get<NodeOptions>() ?? new NodeOptions();
        builder.Services.AddSingleton(node);
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);
        if (node.Redis is null)
        {
            builder.Services.AddSingleton<IMessageStore, MemoryStore>();
        }
        else
        {
            builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"{node.Redis},abortConnect=false"));
            builder.Services.AddSingleton<IMessageStore, RedisStore>();
        }

        // The service that is added first stops last: clients leave while the silo still works. Health checks are answered until the end.
        builder.Services.AddSocketServer("health", options => options.ListenTcp(node.Address, node.HealthPort)).HandleHealthChecks();
        builder.UseOrleans(silo => Configure(silo, node));
        builder.Services.AddSingleton<LocalRooms>().AddHostedService(services => services.GetRequiredService<LocalRooms>());
        builder.Services.AddSocketServer("clients", options => Configure(options, node)).Handle<ClientHandler>().AddHealthCheck();
        return builder.Build();
    }

    private static void Configure(ISiloBuilder silo, NodeOptions node)
    {
        silo.UseSluice();
        if (node.Redis is null)
        {
            silo.UseLocalhostClustering(node.SiloPort, node.GatewayPort);
        }
        else
        {
            silo.UseRedisClustering(node.Redis);
        }

        silo.ConfigureEndpoints(IPAddress.Parse(node.Address), node.SiloPort, node.GatewayPort);
        silo.Configure<SiloOptions>(options => options.SiloName = node.Name);
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("sample", "sample"));

        // A silo that does not answer three probes, each of half a second, is dead. A false alarm costs a restart of that node, and no message.
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(0.5);
            options.NumMissedProbesLimit = 3;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
        });
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
    }

    private static void Configure(SocketServerOptions options, NodeOptions node)
    {
        // Longer than HAProxy takes to notice.
        options.DrainDelay = TimeSpan.FromSeconds(2);
        SocketEndPointOptions clients = options.ListenTcp(node.Address, node.Port);
        if (node.Proxies is { } proxies)
        {
            clients.ConfigureTcp(tcp => tcp.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse(proxies) } });
        }

        if (node.Socket is { } path)
        {
            options.ListenUnix(path);
        }

        // A client that reads too slowly is disconnected. It comes back, and asks by number for what it has missed.
        options.ConfigureServe(serve => serve.Outbox = new OutboxOptions { Capacity = 1024 * 1024, FullMode = OutboxFullMode.Disconnect });
    }
}
