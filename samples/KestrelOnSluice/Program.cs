// An ordinary ASP.NET Core application on Sluice: try `curl http://127.0.0.1:5000/`.
// Usage: KestrelOnSluice [port]
using System.Globalization;
using System.Net;
using Sluice.Hosting.Connections;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5000;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseSluice();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));

WebApplication application = builder.Build();
application.MapGet("/", (HttpContext context) =>
{
    IStreamSocketFeature? feature = context.Features.Get<IStreamSocketFeature>();
    return $"Hello to {feature!.Socket.RemoteEndPoint.AddressFamily} from Sluice";
});

// The debug page at /debug/sluice. In production, restrict access to it: .RequireAuthorization()
application.MapSluiceDebug();

await application.StartAsync();
Console.WriteLine($"Started Kestrel on Sluice at 127.0.0.1:{new Uri(application.Urls.Single()).Port}");
await application.WaitForShutdownAsync();
