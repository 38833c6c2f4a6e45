using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Sluice.Hosting;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore.Debugging;

/// <summary>Serves the debug page and its data, which the page fetches every second. Both are read-only.</summary>
internal sealed class DebugPage(IReadOnlyList<SelectorManager> selectors)
{
    private const string NoncePlaceholder = "{{nonce}}";
    private const int MaxSockets = 10_000;

    private static readonly string s_page = ReadPage();

    /// <summary>Creates the page for the given selectors, or else for those of Kestrel's transport and of the services.</summary>
    public static DebugPage Create(IServiceProvider services, IReadOnlyList<SelectorManager> selectors)
    {
        if (selectors.Count > 0)
        {
            return new DebugPage(selectors);
        }

        SelectorManager?[] found =
        [
            services.GetService<TransportHost>()?.Selector,
            services.GetService<HostSelector>() is { } shared ? shared.Created : services.GetService<SelectorManager>(),
        ];
        return new DebugPage([.. found.OfType<SelectorManager>().Distinct()]);
    }

    public static Task WritePageAsync(HttpContext context)
    {
        // The page runs only its own scripts and connects only to the application.
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; connect-src 'self'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(s_page.Replace(NoncePlaceholder, nonce, StringComparison.Ordinal), context.RequestAborted);
    }

    /// <summary>Writes a description of each selector, with at most <c>max</c> sockets, a parameter of the query.</summary>
    public async Task WriteDataAsync(HttpContext context)
    {
        int max = SelectorManager.DefaultDescribedSockets;
        if (context.Request.Query.TryGetValue("max", out StringValues wanted)
            && (!int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out max) || max > MaxSockets))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var output = new Utf8JsonWriter(context.Response.BodyWriter);
        await using (output.ConfigureAwait(false))
        {
            output.WriteStartArray();
            foreach (SelectorManager selector in selectors)
            {
                selector.Describe(max).WriteJson(output);
            }

            output.WriteEndArray();
        }
    }

    private static string ReadPage()
    {
        using Stream stream = typeof(DebugPage).Assembly.GetManifestResourceStream("Sluice.AspNetCore.Debugging.page.html")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
