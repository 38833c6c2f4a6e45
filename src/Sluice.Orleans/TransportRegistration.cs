using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Networking.Shared;
using Sluice.Hosting.Connections;

namespace Sluice.Orleans;

/// <summary>
/// Replaces Orleans' transport. Orleans asks its services for a factory of connections, or of listeners, under a key for each purpose. The keys are not
/// public (github.com/dotnet/orleans, SiloConnectionFactory.ServicesKey and others), but each registration has its key.
/// </summary>
internal static class TransportRegistration
{
    // One for all keys of Orleans, which the services dispose of.
    private static readonly object s_serviceKey = new();

    public static void Replace(IServiceCollection services, Action<SluiceTransportOptions>? configure, int factories, int listeners)
    {
        object[] factoryKeys = KeysOf(services, typeof(IConnectionFactory));
        object[] listenerKeys = KeysOf(services, typeof(IConnectionListenerFactory));
        if (factoryKeys.Length != factories || listenerKeys.Length != listeners)
        {
            throw new NotSupportedException(
                $"Orleans {typeof(SocketConnectionOptions).Assembly.GetName().Version} has registered {factoryKeys.Length} connection factories and "
                + $"{listenerKeys.Length} listener factories where {factories} and {listeners} were expected. Sluice.Orleans works with Orleans 10.x.");
        }

        services.AddSluice();
        if (TransportConfiguration.IsFirst(services, s_serviceKey, configure, out TransportConfiguration? configuration))
        {
            AddHost(services, configuration);
        }

        foreach (object key in factoryKeys)
        {
            services.AddKeyedSingleton<IConnectionFactory>(
                key, static (provider, _) => new SluiceConnectionFactory(provider.GetRequiredKeyedService<TransportHost>(s_serviceKey)));
        }

        foreach (object key in listenerKeys)
        {
            services.AddKeyedSingleton<IConnectionListenerFactory>(
                key, static (provider, _) => new SluiceConnectionListenerFactory(provider.GetRequiredKeyedService<TransportHost>(s_serviceKey)));
        }
    }

    private static void AddHost(IServiceCollection services, TransportConfiguration configuration)
    {
        services.AddKeyedSingleton(s_serviceKey, (provider, _) => CreateOptions(provider, configuration));
        services.AddKeyedSingleton(
            s_serviceKey, static (provider, key) => TransportHost.Create(provider, provider.GetRequiredKeyedService<SluiceTransportOptions>(key)));
        services.AddOptions<SelectorOptions>().PostConfigure<IServiceProvider>(static (selector, provider) =>
        {
            SluiceTransportOptions options = provider.GetRequiredKeyedService<SluiceTransportOptions>(s_serviceKey);
            if (options.Selector is null)
            {
                options.ConfigureSelector?.Invoke(selector);
            }
        });
    }

    private static object[] KeysOf(IServiceCollection services, Type type) =>
        [.. services.Where(service => service.IsKeyedService && service.ServiceType == type && service.ServiceKey is not null).Select(service => service.ServiceKey!).Distinct()];

    // Orleans' own options come first, so that the caller can change them.
    private static SluiceTransportOptions CreateOptions(IServiceProvider provider, TransportConfiguration configuration)
    {
        SocketConnectionOptions orleans = provider.GetRequiredService<IOptions<SocketConnectionOptions>>().Value;
        var options = new SluiceTransportOptions();
        configuration.Apply(options);
        Action<TcpListenerOptions> listener = created => Apply(orleans, created.Accepted);
        Action<StreamSocketOptions> client = created => Apply(orleans, created);
        options.ConfigureTcp = listener + options.ConfigureTcp;
        options.ConfigureConnect = client + options.ConfigureConnect;
        return options;
    }

    private static void Apply(SocketConnectionOptions from, StreamSocketOptions to)
    {
        // Orleans runs every call on the thread pool. A pool thread that has read calls goes on with them, without waking another one.
        to.ContinuationScheduling = ContinuationScheduling.ThreadPool;
        to.NoDelay = from.NoDelay;
        to.KeepAlive = from.KeepAlive;
        if (from.KeepAlive)
        {
            to.KeepAliveTime = TimeSpan.FromSeconds(from.KeepAliveTimeSeconds);
            to.KeepAliveInterval = TimeSpan.FromSeconds(from.KeepAliveIntervalSeconds);
            to.KeepAliveCount = from.KeepAliveRetryCount;
        }
    }
}
