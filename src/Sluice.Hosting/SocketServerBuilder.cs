using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sluice.Hosting;

/// <summary>Says who handles what comes to a server, and where its options come from.</summary>
public sealed class SocketServerBuilder
{
    private readonly SocketServerRegistration _registration;

    internal SocketServerBuilder(IServiceCollection services, SocketServerRegistration registration)
    {
        Services = services;
        _registration = registration;
    }

    /// <summary>The server's name, which is that of its options, too.</summary>
    public string Name => _registration.Name;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Handles each connection with an object of its own, made in a scope of its own.</summary>
    /// <typeparam name="THandler">Its type, which is registered as a scoped service unless it is registered already.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public SocketServerBuilder Handle<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, ISocketHandler
    {
        Services.TryAddScoped<THandler>();
        return Handle((services, connection, token) => services.GetRequiredService<THandler>().HandleAsync(connection, token));
    }

    /// <summary>Handles each connection with a function.</summary>
    /// <param name="handler">The function: it gets the services of a scope of its own, the connection, and a token that is cancelled before the
    /// connection is aborted.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public SocketServerBuilder Handle(Func<IServiceProvider, Connection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _registration.Connections = _registration.Connections is null ? handler : throw AlreadyHandled();
        return this;
    }

    /// <summary>Handles each UDP end point with an object of its own, made in a scope of its own.</summary>
    /// <typeparam name="THandler">Its type, which is registered as a scoped service unless it is registered already.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public SocketServerBuilder HandleDatagrams<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IDatagramHandler
    {
        Services.TryAddScoped<THandler>();
        return HandleDatagrams((services, socket, token) => services.GetRequiredService<THandler>().HandleAsync(socket, token));
    }

    /// <summary>Handles each UDP end point with a function, which goes on until its token is cancelled.</summary>
    /// <param name="handler">The function.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public SocketServerBuilder HandleDatagrams(Func<IServiceProvider, DatagramSocket, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _registration.Datagrams = _registration.Datagrams is null ? handler : throw AlreadyHandled();
        return this;
    }

    /// <summary>
    /// Takes options from a section of the configuration, and again whenever it changes: limits, grace and certificates then hold at once.
    /// </summary>
    /// <param name="section">The section.</param>
    /// <returns>This builder.</returns>
    public SocketServerBuilder Bind(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        Services.AddOptions<SocketServerOptions>(Name).Bind(section);
        return this;
    }

    /// <summary>
    /// Adds a health check of the server: whether it listens, whether every event loop comes round within two seconds, and whether
    /// descriptors are left.
    /// </summary>
    /// <param name="name">The check's name; null for that of the server.</param>
    /// <param name="failureStatus">What a failure is; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">To choose checks by.</param>
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

    private InvalidOperationException AlreadyHandled() => new($"Socket server '{Name}' has a handler already.");
}
