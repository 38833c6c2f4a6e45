using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.Testing.Tests;

/// <summary><see cref="HttpClient"/> stays in a simulation, and Kestrel does not.</summary>
public sealed class HttpTests
{
    [Test]
    public Task HttpClient_talks_to_a_server_on_the_network() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        server.Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            while (await connection.Input.ReadLineAsync() is { } line)
            {
                if (line.Length == 0)
                {
                    await connection.Output.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray());
                }
            }
        }));
        await client.RunAsync(async selector =>
        {
            using var handler = new SocketsHttpHandler { ConnectCallback = selector.Tcp().ToConnectCallback() };
            using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
            string[] answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => http.GetStringAsync(new Uri($"http://server:{Programs.Port}/"))));
            Assert.That(answers, Has.All.EqualTo("hello"));

            server.Crash();
            server.Restart();
            Assert.That(await GetWithRetriesAsync(http), Is.EqualTo("hello"));
        });
    });

    [Test]
    public async Task Kestrel_runs_its_connections_on_the_thread_pool_which_is_named()
    {
        SimulationException failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(1, async network =>
        {
            SimulatedHost server = network.AddHost("server");
            await server.RunAsync(async selector =>
            {
                WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
                builder.Logging.ClearProviders();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(Programs.Port));
                builder.WebHost.UseSluice(options => options.Selector = selector);
                await using WebApplication application = builder.Build();
                application.MapGet("/", () => "hello");
                await application.StartAsync();
                await network.AddHost("client").RunAsync(async other =>
                {
                    await using StreamSocket socket = await other.Tcp().ConnectAsync("server", Programs.Port);
                    await Programs.AskAsync(socket, "GET / HTTP/1.0\r\n");
                });
            });
        }));

        Assert.That(failure.InnerException, Is.TypeOf<SimulationEscapeException>());
    }

    // Each connection of the handler's pool may be one that the crash has ended.
    private static async Task<string> GetWithRetriesAsync(HttpClient http)
    {
        while (true)
        {
            try
            {
                return await http.GetStringAsync(new Uri($"http://server:{Programs.Port}/"));
            }
            catch (HttpRequestException exception) when (exception.InnerException is IOException or SocketException)
            {
            }
        }
    }
}
