using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Sluice.Bench.Orleans;

/// <summary>Two silos and a client in this process.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];

    private Cluster()
    {
    }

    /// <summary>A grain on each silo.</summary>
    public long[] Grains { get; private set; } = [];

    public IGrainFactory Factory => _hosts[^1].Services.GetRequiredService<IGrainFactory>();

    /// <param name="address">A loopback address of its own.</param>
    /// <param name="silo">Sets up each silo.</param>
    /// <param name="client">Sets up the client.</param>
    public static async Task<Cluster> StartAsync(IPAddress address, Action<ISiloBuilder> silo, Action<IClientBuilder> client)
    {
        var cluster = new Cluster();
        for (int i = 0; i < 2; i++)
        {
            int index = i;
            await cluster.StartAsync(builder => builder.UseOrleans(orleans =>
            {
                orleans.UseLocalhostClustering(primarySiloEndpoint: new IPEndPoint(address, 11111));
                orleans.ConfigureEndpoints(address, 11111 + index, 30000 + index);
                orleans.Configure<SiloOptions>(options => options.SiloName = $"silo{index}");
                silo(orleans);
            }));
        }

        await cluster.StartAsync(builder => builder.UseOrleansClient(orleans =>
        {
            orleans.UseLocalhostClustering();

            // One gateway: with two, chance decides for each process whether a call also goes from silo to silo.
            orleans.UseStaticClustering(new IPEndPoint(address, 30000));
            client(orleans);
        }));
        var found = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (long number = 0; found.Count < 2; number++)
        {
            found.TryAdd(await cluster.Factory.GetGrain<IEchoGrain>(number).SiloAsync(), number);
        }

        cluster.Grains = [.. found.Values];
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    private async Task StartAsync(Action<HostApplicationBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        configure(builder);
        IHost host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
    }
}
