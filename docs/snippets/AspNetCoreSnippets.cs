using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Sluice.AspNetCore;
using Sluice.Hosting.Connections;

namespace Sluice.Snippets;

public static class AspNetCoreSnippets
{
    public static void Use(string[] args)
    {
        // <aspnetcore-use>
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseSluice();                                    // nothing else changes
        // </aspnetcore-use>
    }

    public static void Options(WebApplicationBuilder builder)
    {
        // <aspnetcore-options>
        builder.WebHost.UseSluice(options =>
        {
            options.ConfigureSelector = selector => selector.LoopCount = 4;     // or set options.Selector to one of your own
            options.MaxWriteBufferSize = 256 * 1024;
            options.ConfigureTcp = tcp =>
            {
                tcp.Backlog = 4096;
                tcp.Accepted.KeepAlive = true;
            };
        });
        // </aspnetcore-options>
    }

    public static void Feature(WebApplication app)
    {
        // <aspnetcore-feature>
        app.MapGet("/rtt", (HttpContext context) =>
            context.Features.Get<IStreamSocketFeature>()?.Socket.GetTcpInfo().RoundTripTime.ToString());
        // </aspnetcore-feature>
    }

    public static void Handler(WebApplicationBuilder builder)
    {
        // <aspnetcore-handler>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenAnyIP(8080);                                  // HTTP
            kestrel.ListenAnyIP(2323, endPoint => endPoint.UseSluiceHandler(async (connection, cancellationToken) =>
            {
                while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
                {
                    await connection.Output.WriteLineAsync(line, cancellationToken);
                }
            }));
        });
        // </aspnetcore-handler>
    }

    public static async Task ClientAsync(SelectorManager selector)
    {
        // <aspnetcore-httpclient>
        using var handler = new SocketsHttpHandler { ConnectCallback = selector.Tcp().ToConnectCallback() };
        using var client = new HttpClient(handler);
        Console.WriteLine(await client.GetStringAsync("https://example.com/"));
        // </aspnetcore-httpclient>
    }

    public static async Task FactoryAsync(SelectorManager selector, CancellationToken token)
    {
        // <aspnetcore-factory>
        var factory = new SluiceConnectionFactory(selector);            // or IConnectionFactory, from the services
        await using ConnectionContext connection = await factory.ConnectAsync(new DnsEndPoint("example.com", 7), token);
        await connection.Transport.Output.WriteAsync("ping"u8.ToArray(), token);
        // </aspnetcore-factory>
    }

    public static void Debug(WebApplication app)
    {
        // <aspnetcore-debug>
        app.MapSluiceDebug().RequireAuthorization();                    // /debug/sluice
        // </aspnetcore-debug>
    }
}
