using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sluice.Hosting;

/// <summary>Configures the handlers, options and health check of a socket server.</summary>
public sealed class SocketServerBuilder
{
    private readonly SocketServerRegistration _registration;

    internal SocketServerBuilder(IServiceCollection services, SocketServerRegistration registration)
    {
        Services = services;
        _registration = registration;
    }

    /// <summary>Gets the name of the server, which is also the name of its options.</summary>
    public string Name => _registration.Name;

    /// <summary>Gets the services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Handles each connection with a new handler, created in a dependency injection scope of its own.</summary>
    /// <typeparam name="THandler">The type of the handler. It is registered as a scoped service unless it is already registered.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The server already has a handler.</exception>
    public SocketServerBuilder Handle<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, ISocketHandler
    {
        Services.TryAddScoped<THandler>();
        return Handle((services, connection, token) => services.GetRequiredService<THandler>().HandleAsync(connection, token));
    }

    /// <summary>Handles each connection with a function.</summary>
    /// <param name="handler">The function. It gets the services of a scope of its own, the connection, and a token that is canceled when the
    /// connection is about to be aborted.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The server already has a handler.</exception>
    public SocketServerBuilder Handle(Func<IServiceProvider, Connection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _registration.Connections = _registration.Connections is null ? handler : throw AlreadyHandled();
        return this;
    }

    /// <summary>
    /// Answers health checks of load balancers and orchestrators, over HTTP and with or without a PROXY header: 200 if the host has started and its health
    /// checks pass or are degraded; 503 if not, and from the moment when the host begins to stop. This server stops after all other services.
    /// </summary>
    /// <param name="predicate">Selects the health checks that count; null for all.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The server already has a handler.</exception>
    public SocketServerBuilder HandleHealthChecks(Func<HealthCheckRegistration, bool>? predicate = null)
    {
        Services.AddHealthChecks();
        _registration.StopsLast = true;
        return Handle((services, connection, token) =>
        {
            var handler = new HealthCheckHandler(
                services.GetRequiredService<HealthCheckService>(),
                services.GetRequiredService<IHostApplicationLifetime>(),
                services.GetRequiredService<HostStop>());
            return handler.HandleAsync(connection, predicate, token);
        });
    }

    /// <summary>Handles each UDP end point with a new handler, created in a dependency injection scope of its own.</summary>
    /// <typeparam name="THandler">The type of the handler. It is registered as a scoped service unless it is already registered.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The server already has a handler.</exception>
    public SocketServerBuilder HandleDatagrams<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IDatagramHandler
    {
        Services.TryAddScoped<THandler>();
        return HandleDatagrams((services, socket, token) => services.GetRequiredService<THandler>().HandleAsync(socket, token));
    }

    /// <summary>Handles each UDP end point with a function, which runs until its token is canceled.</summary>
    /// <param name="handler">The function.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The server already has a handler.</exception>
    public SocketServerBuilder HandleDatagrams(Func<IServiceProvider, DatagramSocket, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _registration.Datagrams = _registration.Datagrams is null ? handler : throw AlreadyHandled();
        return this;
    }

    /// <summary>
    /// Binds the options to a configuration section. When the section changes, new limits, grace period and certificates apply at once.
    /// </summary>
    /// <param name="section">The section.</param>
    /// <returns>This builder.</returns>
    public SocketServerBuilder Bind(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        Services.AddSingleton<IOptionsChangeTokenSource<SocketServerOptions>>(new ConfigurationChangeTokenSource<SocketServerOptions>(Name, section));
        Services.AddOptions<SocketServerOptions>(Name).Configure(options =>
        {
            try
            {
                section.Bind(options);
            }
            catch (Exception exception) when (_registration.IsRunning)
            {
                // The server refuses the options. Thrown here, in the configuration's change callback, the exception would reach the code that reloads.
                options.BindingFailure = exception;
            }
        });
        return this;
    }

    /// <summary>
    /// Adds a health check of the server. It verifies that the server listens, that each event loop responds within two seconds, and that
    /// file descriptors are left.
    /// </summary>
    /// <param name="name">The name of the check; null for the name of the server.</param>
    /// <param name="failureStatus">The status of a failure; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to filter checks by.</param>
    /// <returns>This builder.</returns>
    public SocketServerBuilder AddHealthCheck(string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        string server = Name;
        Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name ?? server,
            services => new SocketServerHealthCheck(
                services.GetRequiredKeyedService<ISocketServer>(server), services.GetRequiredService<SelectorManager>()),
            failureStatus,
            tags));
        return this;
    }

    private InvalidOperationException AlreadyHandled() => new($"Socket server '{Name}' already has a handler.");
}
