using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MQTTnet.AspNetCore;
using Sluice.Tls;

namespace Sluice.Bench.Kestrel;

/// <summary>Kestrel on either transport, with an application that does next to nothing.</summary>
internal static class Server
{
    private static readonly byte[] s_hello = "Hello, World!"u8.ToArray();

    /// <summary>Prints the port, and serves until the process is ended.</summary>
    public static async Task RunAsync(bool useSluice, string protocol)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => Configure(listen, protocol)));
        if (useSluice)
        {
            builder.WebHost.UseSluice();
        }

        AddServices(builder.Services, protocol);
        await using WebApplication application = builder.Build();
        Map(application, protocol);
        await application.StartAsync();
        Console.WriteLine(new Uri(application.Urls.Single()).Port);
        await application.WaitForShutdownAsync();
    }

    private static void Configure(ListenOptions listen, string protocol)
    {
        listen.Protocols = protocol is "http2" or "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1;
        switch (protocol)
        {
            case "https":
                listen.UseHttps(DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority()));
                break;
            case "mqtt":
                listen.UseMqtt();
                break;
        }
    }

    private static void AddServices(IServiceCollection services, string protocol)
    {
        switch (protocol)
        {
            case "grpc":
                services.AddGrpc();
                break;
            case "signalr":
                services.AddSignalR();
                break;
            case "mqtt":
                services.AddHostedMqttServer(options => options.WithoutDefaultEndpoint()).AddMqttConnectionHandler().AddConnections();
                break;
        }
    }

    private static void Map(WebApplication application, string protocol)
    {
        switch (protocol)
        {
            case "grpc":
                application.MapGrpcService<EchoService>();
                break;
            case "signalr":
                application.MapHub<EchoHub>("/echo");
                break;
            case "mqtt":
                break;
            default:
                application.Run(AnswerAsync);
                break;
        }
    }

    private static Task AnswerAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/plain";
        response.ContentLength = s_hello.Length;
        return response.Body.WriteAsync(s_hello, 0, s_hello.Length);
    }
}
