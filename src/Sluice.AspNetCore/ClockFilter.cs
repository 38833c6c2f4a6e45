using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore;

/// <summary>
/// Dates responses by the clock of the selector, if that is not the system's: those of a simulation then depend on nothing but its seed. Kestrel would write the
/// time of the machine.
/// </summary>
internal sealed class ClockFilter(TimeProvider clock) : IStartupFilter
{
    /// <summary>Creates a filter for the selector that Kestrel uses, without starting it.</summary>
    public static ClockFilter Create(IServiceProvider provider, IServiceCollection services)
    {
        SelectorManager? given = provider.GetRequiredService<IOptions<SluiceTransportOptions>>().Value.Selector
            ?? services.LastOrDefault(service => !service.IsKeyedService && service.ServiceType == typeof(SelectorManager))?.ImplementationInstance as SelectorManager;
        return new ClockFilter(given?.Sockets.TimeProvider ?? provider.GetRequiredService<IOptions<SelectorOptions>>().Value.TimeProvider);
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => ReferenceEquals(clock, TimeProvider.System)
        ? next
        : application =>
        {
            application.Use(following => context =>
            {
                context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
                return following(context);
            });
            next(application);
        };
}
