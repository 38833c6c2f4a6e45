using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
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
                SetDate(context.Response);

                // An exception handler clears the headers.
                context.Response.OnStarting(() =>
                {
                    if (StringValues.IsNullOrEmpty(context.Response.Headers.Date))
                    {
                        SetDate(context.Response);
                    }

                    return Task.CompletedTask;
                });
                return following(context);
            });
            next(application);
        };

    private void SetDate(HttpResponse response) => response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
}
