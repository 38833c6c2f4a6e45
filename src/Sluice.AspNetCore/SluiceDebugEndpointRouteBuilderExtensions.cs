using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;
using Sluice;
using Sluice.AspNetCore.Debugging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the debug page.</summary>
public static class SluiceDebugEndpointRouteBuilderExtensions
{
    /// <summary>The default path of the page.</summary>
    public const string DefaultDebugPattern = "/debug/sluice";

    /// <summary>
    /// Maps a live page of event loops and connections, and the same data as JSON at <c>/data</c> below it. Both are read-only. They show the
    /// addresses of clients, so restrict access: <c>app.MapSluiceDebug().RequireAuthorization()</c>.
    /// </summary>
    /// <param name="endpoints">The route builder.</param>
    /// <param name="pattern">The path of the page.</param>
    /// <param name="selectors">The managers to show; if empty, those of Kestrel's transport and of the services.</param>
    /// <returns>A builder for both routes.</returns>
    public static IEndpointConventionBuilder MapSluiceDebug(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = DefaultDebugPattern, params SelectorManager[] selectors)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentNullException.ThrowIfNull(selectors);
        var page = new Lazy<DebugPage>(() => DebugPage.Create(endpoints.ServiceProvider, selectors));
        RouteGroupBuilder group = endpoints.MapGroup(pattern);
        group.MapGet("", DebugPage.WritePageAsync);
        group.MapGet("/data", context => page.Value.WriteDataAsync(context));
        return group;
    }
}
