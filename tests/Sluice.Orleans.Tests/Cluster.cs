using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Sluice.Orleans.Tests;

/// <summary>Two silos and a client in this process, each with its own services.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    // Each cluster has an address of its own.
    private const int SiloPort = 11111;
    private const int GatewayPort = 30000;

    private readonly List<IHost> _silos = [];

    private Cluster()
    {
    }

    public IHost Client { get; private set; } = null!;

    public IReadOnlyList<IHost> Silos => _silos;

    public IGrainFactory Grains => Client.Services.GetRequiredService<IGrainFactory>();

    public static async Task<Cluster> StartAsync(Action<ISiloBuilder, int> silo, Action<IClientBuilder> client)
    {
        var cluster = new Cluster();
        IPAddress address = FreeAddress.Take().Address;
        try
        {
            for (int i = 0; i < 2; i++)
            {
                int index = i;
                HostApplicationBuilder builder = Host.CreateApplicationBuilder();
                builder.Logging.ClearProviders();
                builder.UseOrleans(orleans =>
                {
                    orleans.UseLocalhostClustering(primarySiloEndpoint: new IPEndPoint(address, SiloPort));
                    orleans.ConfigureEndpoints(address, SiloPort + index, GatewayPort + index);
                    orleans.Configure<SiloOptions>(options => options.SiloName = $"silo{index}");
                    silo(orleans, index);
                });
                IHost host = builder.Build();
                cluster._silos.Add(host);
                await host.StartAsync();
            }

            HostApplicationBuilder clientBuilder = Host.CreateApplicationBuilder();
            clientBuilder.Logging.ClearProviders();
            clientBuilder.UseOrleansClient(orleans =>
            {
                orleans.UseLocalhostClustering();
                orleans.UseStaticClustering(new IPEndPoint(address, GatewayPort), new IPEndPoint(address, GatewayPort + 1));
                client(orleans);
            });
            cluster.Client = clientBuilder.Build();
            await cluster.Client.StartAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Numbers of grains, one on each silo.</summary>
    public async Task<long[]> OneOnEachAsync()
    {
        var found = new Dictionary<string, long>();
        for (long number = 0; found.Count < 2; number++)
        {
            Assert.That(number, Is.LessThan(1000), "All grains are on one silo.");
            found.TryAdd(await Grains.GetGrain<IEchoGrain>(number).SiloAsync(), number);
        }

        return [found["silo0"], found["silo1"]];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost? host in (IHost?[])[Client, .. Enumerable.Reverse(_silos)])
        {
            if (host is not null)
            {
                using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                await host.StopAsync(enough.Token);
                await ((IAsyncDisposable)host).DisposeAsync();
            }
        }
    }
}
