using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Hosting;

namespace Sluice.Testing.Tests;

/// <summary>Servers of <c>Sluice.Hosting</c> on a simulated host.</summary>
public sealed class HostedServerTests
{
    [Test]
    public Task A_hosted_server_answers_what_it_has_begun_and_stops_with_its_host() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        using IHost host = await server.RunAsync(StartAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket first = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Assert.That(await Programs.AskAsync(first, "hello"), Is.EqualTo("hello"));

            await using StreamSocket second = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = second.OpenConnection();
            await connection.Output.WriteLineAsync("slow");
            await network.Time.Delay(TimeSpan.FromSeconds(1));
            Task stopping = server.RunAsync(_ => host.StopAsync());
            Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo("slow"));
            Assert.That(await connection.Input.ReadLineAsync(), Is.Null);
            await connection.CloseAsync();
            await stopping;
            await Failure.OfAsync<System.Net.Sockets.SocketException>(async () => await selector.Tcp().ConnectAsync("server", Programs.Port));
        });

        async Task<IHost> StartAsync(SelectorManager selector)
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddSingleton(selector);
            builder.Services.AddSocketServer("echo", options => options.EndPoints["main"] = new SocketEndPointOptions { Url = $"tcp://*:{Programs.Port}" })
                .Handle(async (_, connection, _) =>
                {
                    while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
                    {
                        await server.Time.Delay(TimeSpan.FromSeconds(line == "slow" ? 5 : 0), CancellationToken.None);
                        await connection.Output.WriteLineAsync(line, CancellationToken.None);
                    }
                });
            IHost built = builder.Build();
            await built.StartAsync();
            return built;
        }
    });

    [Test]
    public Task A_drain_delay_passes_on_the_clock_of_the_selector() => Simulation.RunAsync(200, async network =>
    {
        TimeSpan delay = TimeSpan.FromHours(1);
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        using IHost host = await server.RunAsync(StartAsync);
        await client.RunAsync(async selector =>
        {
            TimeSpan began = network.Time.Elapsed;
            Task stopping = server.RunAsync(_ => host.StopAsync());
            await network.Time.Delay(delay / 2);
            await using (StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port))
            {
                Assert.That(await Programs.AskAsync(socket, "hello"), Is.EqualTo("hello"));
            }

            await stopping;
            Assert.That(network.Time.Elapsed - began, Is.EqualTo(delay).Within(TimeSpan.FromSeconds(1)));
        });

        async Task<IHost> StartAsync(SelectorManager selector)
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddSingleton(selector);
            builder.Services.AddSocketServer("echo", options =>
            {
                options.ListenTcp(Programs.Port);
                options.DrainDelay = delay;
            }).Handle((_, connection, token) => connection.Input.CopyToAsync(connection.Output, token).AsTask());
            IHost built = builder.Build();
            await built.StartAsync();
            return built;
        }
    });
}
