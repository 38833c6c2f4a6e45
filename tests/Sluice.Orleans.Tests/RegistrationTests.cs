using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Networking.Shared;
using Sluice.Hosting.Connections;

namespace Sluice.Orleans.Tests;

/// <summary>What <c>UseSluice</c> replaces, and what it says when there is nothing to replace.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RegistrationTests
{
    // If this fails after an update of Orleans, read how it chooses its transport now: TransportRegistration says where.
    [Test]
    public void This_version_of_Orleans_registers_its_transport_as_we_expect()
    {
        using IHost host = BuildSilo(silo => silo.UseSluice());
        Assert.That(typeof(SocketConnectionOptions).Assembly.GetName().Version!.Major, Is.EqualTo(10));
    }

    [Test]
    public void A_silo_without_a_transport_to_replace_is_refused()
    {
        NotSupportedException exception = Assert.Throws<NotSupportedException>(() => BuildSilo(silo =>
        {
            foreach (ServiceDescriptor service in silo.Services.Where(service => service.ServiceType == typeof(IConnectionListenerFactory)).Skip(1).ToArray())
            {
                silo.Services.Remove(service);
            }

            silo.UseSluice();
        }))!;
        Assert.That(exception.Message, Does.Contain("1 connection factories and 1 listener factories where 1 and 2 were expected").And.Contain("Orleans 10"));
    }

    [Test]
    public async Task Options_of_Orleans_hold_unless_the_caller_changes_them()
    {
        var seen = new List<StreamSocketOptions>();
        using IHost host = BuildSilo(silo =>
        {
            silo.Services.Configure<SocketConnectionOptions>(options =>
            {
                options.NoDelay = false;
                options.KeepAliveTimeSeconds = 7;
            });
            silo.UseSluice(options => options.ConfigureTcp = listener =>
            {
                listener.Accepted.KeepAliveCount = 3;
                seen.Add(listener.Accepted);
            });
        });
        object key = ((IServiceCollection)host.Services.GetRequiredService<IServiceCollection>())
            .Last(service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory)).ServiceKey!;

        var factory = (SluiceConnectionListenerFactory)host.Services.GetRequiredKeyedService<IConnectionListenerFactory>(key);
        await using IConnectionListener listener = await factory.BindAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));

        Assert.That(seen, Has.Count.EqualTo(1));
        Assert.That((seen[0].NoDelay, seen[0].KeepAlive), Is.EqualTo((false, true)));
        Assert.That(seen[0].KeepAliveTime, Is.EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That(seen[0].KeepAliveInterval, Is.EqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(seen[0].KeepAliveCount, Is.EqualTo(3));
    }

    [Test]
    public async Task Two_calls_change_the_same_options()
    {
        var configured = new List<string>();
        using IHost host = BuildSilo(silo => silo
            .UseSluice(options =>
            {
                options.ConfigureSelector = _ => configured.Add("replaced");
                options.ConfigureTcp = _ => configured.Add("listen");
            })
            .UseSluice(options => options.ConfigureSelector = _ => configured.Add("selector")));
        object key = ((IServiceCollection)host.Services.GetRequiredService<IServiceCollection>())
            .Last(service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory)).ServiceKey!;

        IConnectionListenerFactory factory = host.Services.GetRequiredKeyedService<IConnectionListenerFactory>(key);
        await using IConnectionListener listener = await factory.BindAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));

        Assert.That(configured, Is.EqualTo((string[])["selector", "listen"]));
    }

    private static IHost BuildSilo(Action<ISiloBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(builder.Services);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            configure(silo);
        });
        return builder.Build();
    }
}
