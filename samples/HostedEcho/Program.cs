using HostedEcho;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// End points and limits are in appsettings.json. To use another port: HostedEcho --SocketServers:echo:EndPoints:plain:Url tcp://127.0.0.1:4000
HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddSocketServer("echo")
    .Bind(builder.Configuration.GetSection("SocketServers:echo"))
    .Handle<EchoHandler>()
    .AddHealthCheck();

await builder.Build().RunAsync();
