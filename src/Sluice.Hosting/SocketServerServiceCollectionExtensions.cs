using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice;
using Sluice.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds socket servers to a host.</summary>
public static class SocketServerServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="SelectorManager"/> that the host's socket servers, connection factories and, in a web application, Kestrel on Sluice share.
    /// It uses the host's loggers and meters, starts when it is first needed, and is disposed with the services. The methods that need the manager call
    /// this one; call it yourself to change the options, any number of times.
    /// </summary>
    /// <remarks>
    /// To use a manager of your own, register it first (<c>services.AddSingleton(manager)</c>). You then dispose it yourself.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options, after the delegates of earlier calls.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSluice(this IServiceCollection services, Action<SelectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<SelectorOptions> options = services.AddOptions<SelectorOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton<HostSelector>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<HostSelector>().Create());
        return services;
    }

    /// <summary>
    /// Adds a socket server that starts and stops with the host. If its options are invalid, or if it cannot listen, the host does not start.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name of the server.</param>
    /// <param name="configure">Sets the end points and other options; null if they come from the configuration (<see cref="SocketServerBuilder.Bind"/>).</param>
    /// <returns>A builder to add handlers with.</returns>
    /// <exception cref="ArgumentException">The name is empty, or a server with this name was added already.</exception>
    public static SocketServerBuilder AddSocketServer(this IServiceCollection services, string name, Action<SocketServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (services.Any(service => service.IsKeyedService && service.ServiceType == typeof(ISocketServer) && name.Equals(service.ServiceKey)))
        {
            throw new ArgumentException($"A socket server '{name}' was added already. Add its other end points and handlers there.", nameof(name));
        }

        var registration = new SocketServerRegistration(name);
        services.AddSluice();
        OptionsBuilder<SocketServerOptions> options = services.AddOptions<SocketServerOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<IValidateOptions<SocketServerOptions>>(new SocketServerOptionsValidator(registration));
        services.TryAddSingleton<HostStop>();
        services.AddKeyedSingleton<ISocketServer>(name, (provider, _) => new SocketServerService(
            registration,
            provider.GetRequiredService<SelectorManager>(),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<IOptionsMonitor<SocketServerOptions>>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<HostStop>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => (SocketServerService)provider.GetRequiredKeyedService<ISocketServer>(name));
        return new SocketServerBuilder(services, registration);
    }
}
