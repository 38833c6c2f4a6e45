using Sluice.Hosting.Connections;
using Sluice.Orleans;

namespace Orleans.Hosting;

/// <summary>Runs the connections of a silo on Sluice.</summary>
public static class SluiceSiloBuilderExtensions
{
    /// <summary>
    /// Runs the connections between silos, and those of clients to this silo's gateway, on Sluice's event loops instead of Orleans' own sockets. The
    /// other side may use either: the bytes are the same.
    /// </summary>
    /// <remarks>
    /// The connections use the <see cref="global::Sluice.SelectorManager"/> of the services, which socket servers of <c>Sluice.Hosting</c> and Kestrel on Sluice share.
    /// Their options begin with what <see cref="Networking.Shared.SocketConnectionOptions"/> says (no delay, keep-alive); <paramref name="configure"/>
    /// changes them. Orleans' <c>UseTls</c> works on top.
    /// </remarks>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the options, after the delegates of earlier calls.</param>
    /// <returns>The silo.</returns>
    /// <exception cref="NotSupportedException">This version of Orleans chooses its transport in another way than the versions 10.x do.</exception>
    public static ISiloBuilder UseSluice(this ISiloBuilder builder, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Connections to other silos; from other silos, and from clients.
        TransportRegistration.Replace(builder.Services, configure, factories: 1, listeners: 2);
        return builder;
    }
}
