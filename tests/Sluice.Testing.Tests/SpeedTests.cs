using System.Diagnostics;

namespace Sluice.Testing.Tests;

/// <summary>How fast a simulation is. The bounds are far from the speed of a machine that does nothing else.</summary>
public sealed class SpeedTests
{
    private const int Messages = 20_000;

    [Test]
    public async Task Messages_a_second()
    {
        long started = 0;
        await Simulation.RunSeedAsync(1, async network =>
        {
            network.AddHost("server").Run(Programs.EchoAsync);
            SimulatedHost client = network.AddHost("client");
            started = Stopwatch.GetTimestamp();
            await client.RunAsync(async selector =>
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
                Connection connection = socket.OpenConnection();
                byte[] message = new byte[32];
                for (int i = 0; i < Messages; i++)
                {
                    await connection.Output.WriteAsync(message);
                    await connection.Input.ReadExactlyAsync(message);
                }
            });
        });
        double rate = 2 * Messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
        TestContext.Out.WriteLine($"{rate:N0} messages a second");

        Assert.That(rate, Is.GreaterThan(2_000));
    }

    [Test]
    public async Task Runs_with_a_partition()
    {
        long started = Stopwatch.GetTimestamp();
        const int seeds = 200;
        await Simulation.RunAsync(seeds, async network =>
        {
            SimulatedHost server = network.AddHost("server");
            SimulatedHost client = network.AddHost("client");
            server.Run(Programs.EchoAsync);
            await client.RunAsync(async selector =>
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
                Connection connection = socket.OpenConnection();
                using (network.Partition(client, server))
                {
                    await connection.Output.WriteLineAsync("hello");
                    await network.Time.Delay(TimeSpan.FromSeconds(30));
                }

                Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo("hello"));
            });
        });
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        TestContext.Out.WriteLine($"{seeds} runs took {elapsed.TotalMilliseconds:N0} ms");

        Assert.That(elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }
}
