using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Sluice.AspNetCore;
using Sluice.Hosting.Connections;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Runs Kestrel on Sluice.</summary>
public static class SluiceWebHostBuilderExtensions
{
    /// <summary>
    /// Runs Kestrel's TCP end points, Unix domain sockets and inherited sockets on Sluice, whatever their protocol. Named pipes and QUIC keep their own
    /// transports. Calls <see cref="SluiceConnectionServiceCollectionExtensions.AddSluiceConnections"/>, which also registers
    /// <see cref="IConnectionFactory"/> for clients. If the clock of the selector is not the system's, responses have its time in their <c>Date</c> header.
    /// </summary>
    /// <remarks>
    /// Kestrel uses the <see cref="Sluice.SelectorManager"/> of the services, as do the application's socket servers (<c>AddSocketServer</c>), unless
    /// <see cref="SluiceTransportOptions.Selector"/> names another one.
    /// </remarks>
    /// <param name="builder">The host, with Kestrel as its server.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static IWebHostBuilder UseSluice(this IWebHostBuilder builder, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            services.AddSluiceConnections(configure);
            if (!services.Any(service => service.ServiceType == typeof(ClockFilter)))
            {
                services.AddSingleton(provider => ClockFilter.Create(provider, services));
                services.AddSingleton<IStartupFilter>(provider => provider.GetRequiredService<ClockFilter>());
            }
        });
    }
}
