using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Sluice;
using Sluice.Hosting.Connections;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds ASP.NET Core's connection factories on Sluice to a host, with or without a web server.</summary>
public static class SluiceConnectionServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IConnectionFactory"/> and <see cref="IConnectionListenerFactory"/> on the <see cref="SelectorManager"/> of the services
    /// (<see cref="SocketServerServiceCollectionExtensions.AddSluice"/>). In a web application, Kestrel uses them as well.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options, after the delegates of earlier calls.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSluiceConnections(this IServiceCollection services, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSluice();
        OptionsBuilder<SluiceTransportOptions> options = services.AddOptions<SluiceTransportOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (!services.Any(service => !service.IsKeyedService && service.ServiceType == typeof(TransportHost)))
        {
            services.AddSingleton(provider => TransportHost.Create(provider, provider.GetRequiredService<IOptions<SluiceTransportOptions>>().Value));
            services.AddOptions<SelectorOptions>().PostConfigure<IOptions<SluiceTransportOptions>>(
                static (selector, transport) => Configure(selector, transport.Value));
        }

        // Registered at each call: Kestrel uses the transport that is registered last.
        services.AddSingleton<IConnectionListenerFactory>(
            provider => new SluiceConnectionListenerFactory(provider.GetRequiredService<TransportHost>()));
        services.AddSingleton<IConnectionFactory>(provider => new SluiceConnectionFactory(provider.GetRequiredService<TransportHost>()));
        return services;
    }

    /// <summary>Adds both factories under a service key, with options of their own, for example for an Orleans silo.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The service key; null does what <see cref="AddSluiceConnections"/> does.</param>
    /// <param name="configure">Changes the options, after the delegates of earlier calls with this key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedSluiceConnections(
        this IServiceCollection services, object? serviceKey, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (serviceKey is null)
        {
            // A service without a key, as with the framework's own methods.
            return services.AddSluiceConnections(configure);
        }

        services.AddSluice();
        if (TransportConfiguration.IsFirst(services, serviceKey, configure, out TransportConfiguration? configuration))
        {
            var options = new Lazy<SluiceTransportOptions>(() =>
            {
                var created = new SluiceTransportOptions();
                configuration.Apply(created);
                return created;
            });
            services.AddOptions<SelectorOptions>().PostConfigure(selector => Configure(selector, options.Value));
            services.AddKeyedSingleton(serviceKey, (provider, _) => TransportHost.Create(provider, options.Value));
        }

        services.AddKeyedSingleton<IConnectionListenerFactory>(
            serviceKey, static (provider, key) => new SluiceConnectionListenerFactory(provider.GetRequiredKeyedService<TransportHost>(key)));
        services.AddKeyedSingleton<IConnectionFactory>(
            serviceKey, static (provider, key) => new SluiceConnectionFactory(provider.GetRequiredKeyedService<TransportHost>(key)));
        return services;
    }

    private static void Configure(SelectorOptions selector, SluiceTransportOptions transport)
    {
        if (transport.Selector is null)
        {
            transport.ConfigureSelector?.Invoke(selector);
        }
    }
}
