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
    /// Adds the <see cref="SelectorManager"/> that everything in the host shares: socket servers, connection factories and, in a web application, Kestrel on
    /// Sluice. It logs to the host's loggers and measures with its meters, starts when it is first needed, and is disposed of with the services. Called
    /// by all that need it; to be called to change its options, at any time and as often as you like.
    /// </summary>
    /// <remarks>
    /// An application that has a manager of its own registers it before (<c>services.AddSingleton(manager)</c>): it is used, and stays the
    /// application's to dispose of.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options, after earlier calls have.</param>
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
    /// Adds a server that starts, drains and stops with the host. If its options are wrong, or it cannot listen, the host does not start.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Its name.</param>
    /// <param name="configure">Says where it listens, and how; null if the configuration does (<see cref="SocketServerBuilder.Bind"/>).</param>
    /// <returns>A builder, which says who handles what comes.</returns>
    public static SocketServerBuilder AddSocketServer(this IServiceCollection services, string name, Action<SocketServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var registration = new SocketServerRegistration(name);
        services.AddSluice();
        OptionsBuilder<SocketServerOptions> options = services.AddOptions<SocketServerOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<IValidateOptions<SocketServerOptions>>(new SocketServerOptionsValidator(registration));
        services.AddKeyedSingleton<ISocketServer>(name, (provider, _) => new SocketServerService(
            registration,
            provider.GetRequiredService<SelectorManager>(),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<IOptionsMonitor<SocketServerOptions>>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => (SocketServerService)provider.GetRequiredKeyedService<ISocketServer>(name));
        return new SocketServerBuilder(services, registration);
    }
}
