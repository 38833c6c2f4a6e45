using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Hosting.Connections;

/// <summary>What all calls that add factories under one service key do to their options, in the order of the calls.</summary>
internal sealed class TransportConfiguration
{
    private Action<SluiceTransportOptions>? _configure;

    /// <summary>Adds what a call does.</summary>
    /// <param name="services">The services, which keep it.</param>
    /// <param name="serviceKey">The service key.</param>
    /// <param name="configure">What the call does; null for nothing.</param>
    /// <param name="created">What the calls with the key do, if this is the first one.</param>
    /// <returns>Whether this is the first call with the key. The others have nothing to add but this: the options are the same.</returns>
    public static bool IsFirst(
        IServiceCollection services, object serviceKey, Action<SluiceTransportOptions>? configure, [NotNullWhen(true)] out TransportConfiguration? created)
    {
        ServiceDescriptor? former = services.FirstOrDefault(
            service => service.IsKeyedService && service.ServiceType == typeof(TransportConfiguration) && serviceKey.Equals(service.ServiceKey));
        created = null;
        if (former?.KeyedImplementationInstance is not TransportConfiguration configuration)
        {
            configuration = created = new TransportConfiguration();
            services.AddKeyedSingleton(serviceKey, configuration);
        }

        configuration._configure += configure;
        return created is not null;
    }

    /// <summary>Changes the options.</summary>
    public void Apply(SluiceTransportOptions options) => _configure?.Invoke(options);
}
