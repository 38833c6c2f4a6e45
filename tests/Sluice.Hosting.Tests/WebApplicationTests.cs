using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Hosting.Tests;

/// <summary>A socket server beside a web server, in one application.</summary>
[TestFixture]
public sealed class WebApplicationTests
{
    [Test]
    public async Task A_web_application_has_a_socket_server_and_tells_its_health()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<HandlerCounts>();
        builder.Services.AddSocketServer("echo", options => options.ListenTcp("127.0.0.1", 0)).Handle<EchoHandler>().AddHealthCheck();
        await using WebApplication application = builder.Build();
        application.MapHealthChecks("/health");
        await application.StartAsync().Soon();

        string url = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var http = new HttpClient();
        Assert.That(await http.GetStringAsync(new Uri($"{url}/health")).Soon(), Is.EqualTo("Healthy"));
        EndPoint endPoint = application.Services.GetRequiredKeyedService<ISocketServer>("echo").EndPoints.Values.Single();
        await using var clients = new SelectorManager();
        Connection connection = (await clients.Tcp().ConnectAsync(endPoint).Soon()).OpenConnection();
        await connection.Output.WriteLineAsync("hello").Soon();
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("1: hello"));
        await connection.CloseAsync().Soon();
        await application.StopAsync().Soon();
    }
}
