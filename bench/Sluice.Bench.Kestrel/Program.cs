using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sluice.Tls;

// Usage: Sluice.Bench.Kestrel sluice|sockets [http1|http2|https]; prints its port, and answers every request with "Hello, World!".
byte[] hello = "Hello, World!"u8.ToArray();
string protocol = args.ElementAtOrDefault(1) ?? "http1";
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
{
    listen.Protocols = protocol == "http2" ? HttpProtocols.Http2 : HttpProtocols.Http1;
    if (protocol == "https")
    {
        listen.UseHttps(DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority()));
    }
}));
if (args is ["sluice", ..])
{
    builder.WebHost.UseSluice();
}

await using WebApplication application = builder.Build();
application.Run(context =>
{
    HttpResponse response = context.Response;
    response.ContentType = "text/plain";
    response.ContentLength = hello.Length;
    return response.Body.WriteAsync(hello, 0, hello.Length);
});
await application.StartAsync();
Console.WriteLine(new Uri(application.Urls.Single()).Port);
await application.WaitForShutdownAsync();
