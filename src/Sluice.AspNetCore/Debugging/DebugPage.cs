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

/// <summary>The page that shows what selectors are doing, and the data that it asks for each second. Both only read.</summary>
internal sealed class DebugPage(IReadOnlyList<SelectorManager> selectors)
{
    private const string NoncePlaceholder = "{{nonce}}";
    private const int MaxSockets = 10_000;

    private static readonly string s_page = ReadPage();

    /// <summary>What selectors an application has: those it was told of, or else Kestrel's and that of its services.</summary>
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
        // Nothing runs on the page but what is in it, and it asks nobody but the application.
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; connect-src 'self'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(s_page.Replace(NoncePlaceholder, nonce, StringComparison.Ordinal), context.RequestAborted);
    }

    /// <summary>One description for each selector, of at most as many sockets as the query's <c>max</c> says.</summary>
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
