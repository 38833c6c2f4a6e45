using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;
using Sluice;
using Sluice.AspNetCore.Debugging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>A page that shows what Sluice is doing.</summary>
public static class SluiceDebugEndpointRouteBuilderExtensions
{
    /// <summary>The default of where the page is.</summary>
    public const string DefaultDebugPattern = "/debug/sluice";

    /// <summary>
    /// Maps a live page with loops and connections, and below it, at <c>/data</c>, the same as JSON. Both only read; but they show addresses
    /// of clients, so say who may see them: <c>app.MapSluiceDebug().RequireAuthorization()</c>.
    /// </summary>
    /// <param name="endpoints">Where to map it.</param>
    /// <param name="pattern">Its path.</param>
    /// <param name="selectors">What it shows; none for the selector of Kestrel's transport and that of the services.</param>
    /// <returns>Both end points, for what else they need.</returns>
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
