using Sluice.Hosting.Connections;
using Sluice.Orleans;

namespace Orleans.Hosting;

/// <summary>Runs the connections of a client of Orleans on Sluice.</summary>
public static class SluiceClientBuilderExtensions
{
    /// <summary>
    /// Runs the connections to the gateways on Sluice's event loops instead of Orleans' own sockets. The gateways may use either: the bytes are the
    /// same.
    /// </summary>
    /// <remarks><inheritdoc cref="SluiceSiloBuilderExtensions.UseSluice" path="/remarks/node()"/></remarks>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes the options, after the delegates of earlier calls.</param>
    /// <returns>The client.</returns>
    /// <exception cref="NotSupportedException">This version of Orleans chooses its transport in another way than the versions 10.x do.</exception>
    public static IClientBuilder UseSluice(this IClientBuilder builder, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        TransportRegistration.Replace(builder.Services, configure, factories: 1, listeners: 0);
        return builder;
    }
}
