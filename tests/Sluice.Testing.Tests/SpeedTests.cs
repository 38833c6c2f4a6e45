namespace Sluice.Testing.Tests;

/// <summary>How much processor time a simulation takes. The bounds are far from what it takes on a machine that does nothing else.</summary>
public sealed class SpeedTests
{
    private const int Messages = 20_000;

    [Test]
    public async Task Messages_a_second()
    {
        TimeSpan before = default;
        await Simulation.RunSeedAsync(1, async network =>
        {
            network.AddHost("server").Run(Programs.EchoAsync);
            SimulatedHost client = network.AddHost("client");
            before = Environment.CpuUsage.TotalTime;
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
        double rate = 2 * Messages / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        TestContext.Out.WriteLine($"{rate:N0} messages a second of processor time");

        Assert.That(rate, Is.GreaterThan(2_000));
    }

    [Test]
    public async Task Runs_with_a_partition()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
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
        TimeSpan used = Environment.CpuUsage.TotalTime - before;
        TestContext.Out.WriteLine($"{seeds} runs took {used.TotalMilliseconds:N0} ms of processor time");

        Assert.That(used, Is.LessThan(TimeSpan.FromSeconds(20)));
    }
}
