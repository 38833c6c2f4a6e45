using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Sluice.AspNetCore;
using Sluice.AspNetCore.Transport;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Sluice as Kestrel's transport.</summary>
public static class SluiceWebHostBuilderExtensions
{
    /// <summary>
    /// Has Kestrel run on Sluice: every TCP end point, Unix domain end point and inherited socket, whatever protocol runs on it. What
    /// Sluice does not do (named pipes, QUIC) stays with who does. Also registers Sluice as <see cref="IConnectionFactory"/>, for clients.
    /// </summary>
    /// <param name="builder">The host, with Kestrel as its server.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static IWebHostBuilder UseSluice(this IWebHostBuilder builder, Action<SluiceTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }

            services.AddOptions<SluiceTransportOptions>();
            services.AddSingleton<SluiceHost>();
            services.AddSingleton<IConnectionListenerFactory, TransportListenerFactory>();
            services.AddSingleton<IConnectionFactory>(provider => new SluiceConnectionFactory(provider.GetRequiredService<SluiceHost>()));
        });
    }
}
