using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Hosting.Connections;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Sluice as Kestrel's transport.</summary>
public static class SluiceWebHostBuilderExtensions
{
    /// <summary>
    /// Has Kestrel run on Sluice: every TCP end point, Unix domain end point and inherited socket, whatever protocol runs on it. What
    /// Sluice does not do (named pipes, QUIC) stays with who does. The same as
    /// <see cref="SluiceConnectionServiceCollectionExtensions.AddSluiceConnections"/>, which also registers <see cref="IConnectionFactory"/> for clients.
    /// </summary>
    /// <remarks>
    /// Kestrel runs on the <see cref="Sluice.SelectorManager"/> of the services, which socket servers of the same application use as well
    /// (<c>AddSocketServer</c>), unless <see cref="SluiceTransportOptions.Selector"/> names another one.
    /// </remarks>
    /// <param name="builder">The host, with Kestrel as its server.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static IWebHostBuilder UseSluice(this IWebHostBuilder builder, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services => services.AddSluiceConnections(configure));
    }
}
