using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Testing;

namespace Sluice.Snippets;

public static class SimulationSnippets
{
    // <testing-simulation>
    public static Task ClientSurvivesPartitionAsync() => Simulation.RunAsync(seeds: 200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        server.Run(ServeCounterAsync);                                  // the production code, unchanged
        network.Link("server", "client").Latency = LatencyModel.Uniform(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));

        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", 9000);
            Connection connection = socket.OpenConnection();
            using (network.Partition(server, client))
            {
                await connection.Output.WriteLineAsync("ADD 19");
                await network.Time.Delay(TimeSpan.FromSeconds(30));     // takes no time
            }

            if (await connection.Input.ReadLineAsync() != "19")         // TCP has sent it again
            {
                throw new InvalidOperationException("The request or the reply is lost.");
            }
        });
    });
    // </testing-simulation>

    // <testing-kestrel>
    public static Task AnswerSurvivesPartitionAsync() => Simulation.RunAsync(seeds: 200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        WebApplication application = await server.RunAsync(async selector =>
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseSluice(options => options.Selector = selector);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(8080));
            builder.Services.AddRoutingCore();
            WebApplication created = builder.Build();
            created.MapGet("/", () => "hello");
            await created.StartAsync();
            return created;
        });
        await client.RunAsync(async selector =>
        {
            using var handler = new SocketsHttpHandler { ConnectCallback = selector.Tcp().ToConnectCallback() };
            using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
            using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(1), client.Time);
            Task<string> asked;
            using (network.Partition(server, client))
            {
                asked = http.GetStringAsync("http://server:8080/", enough.Token);
                await network.Time.Delay(TimeSpan.FromSeconds(20));     // takes no time
            }

            if (await asked != "hello")
            {
                throw new InvalidOperationException("The answer is wrong.");
            }
        });
        await server.RunAsync(_ => application.StopAsync());
    }, new SimulationOptions { JoinsThreadPool = true });
    // </testing-kestrel>

    public static Task FaultsAsync() => Simulation.RunAsync(seeds: 200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        server.Run(ServeCounterAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", 9000);
            Connection connection = socket.OpenConnection();

            // <testing-faults>
            server.Crash();                                             // silence: not even a finally block runs
            await network.Time.Delay(TimeSpan.FromMinutes(1));
            server.Restart();                                           // its programs run anew, and the old connection gets a reset

            network.Path(client, server).Loss = 0.1;                    // one packet of ten, in one direction
            network.Path(client, server).CutConnectionsAfter(100);      // every connection ends after 100 bytes
            using (server.Pause())                                      // a long garbage collection
            using (network.Hold(client, server))                        // packets wait, and then arrive all at once
            {
                await network.Time.Delay(TimeSpan.FromSeconds(2));
            }
            // </testing-faults>

            await connection.Output.WriteLineAsync("ADD 1");
        });
    });

    public static Task RulesAsync() => Simulation.RunAsync(seeds: 200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        server.Run(ServeCounterAsync);
        await network.AddHost("client").RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", 9000);
            Connection connection = socket.OpenConnection();

            // <testing-rules>
            bool isFirst = true;
            using (network.AddRule(packet =>
            {
                if (packet.From != server || packet.Kind != SimulatedPacketKind.Data)
                {
                    return PacketVerdict.Accept;
                }

                bool drops = isFirst;
                isFirst = false;
                return drops ? PacketVerdict.Drop : PacketVerdict.Delay(TimeSpan.FromSeconds(1));
            }))
            {
                await connection.Output.WriteLineAsync("ADD 1");    // the reply is lost once, and late
                await connection.Input.ReadLineAsync();
            }
            // </testing-rules>
        });
    });

    public static Task RandomFaultsAsync() => Simulation.RunAsync(
        seeds: 1_000,
        async network =>
        {
            network.AddHost("server").Run(ServeCounterAsync);
            SimulatedHost client = network.AddHost("client");
            // <testing-random-faults>
            network.ScheduleFaults(count: 10, within: TimeSpan.FromMinutes(1), SimulatedFaultKinds.Partition | SimulatedFaultKinds.Crash);
            // </testing-random-faults>
            await client.Time.Delay(TimeSpan.FromMinutes(2));
        },
        new SimulationOptions { Schedule = SimulationSchedule.RareOrders });

    private static async Task ServeCounterAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", 9000);
        await server.ServeAsync(async (connection, cancellationToken) =>
        {
            int sum = 0;
            while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
            {
                sum += int.Parse(line.AsSpan("ADD ".Length), CultureInfo.InvariantCulture);
                await connection.Output.WriteLineAsync(sum.ToString(CultureInfo.InvariantCulture), cancellationToken);
            }
        });
    }
}
