namespace Sluice.Testing.Tests;

/// <summary>Faults that the seed chooses, and failures with fewer of them.</summary>
public sealed class ShrinkingTests
{
    [Test]
    public async Task A_failure_is_reported_with_the_faults_that_it_needs()
    {
        SimulationException failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(50, async network =>
        {
            SimulatedHost one = network.AddHost("one");
            SimulatedHost other = network.AddHost("other");
            network.ScheduleFaults(20, TimeSpan.FromMinutes(1));

            // Fails if one host is off, and the other is so later.
            bool wasOff = false;
            for (int i = 0; i < 600; i++)
            {
                await network.Time.Delay(TimeSpan.FromSeconds(0.2));
                wasOff |= !one.IsRunning;
                if (wasOff && one.IsRunning && !other.IsRunning)
                {
                    throw new InvalidOperationException("both were off");
                }
            }
        }));

        Assert.That(failure.FaultCount, Is.EqualTo(2));
        Assert.That(failure.Message, Does.Contain("It needs 2 of its 20 faults"));
        Assert.That(failure.Trace!.ToString().Split(Environment.NewLine).Count(line => line.EndsWith("crash", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public Task An_echo_with_retries_survives_all_kinds_of_faults([Values] SimulationSchedule schedule) => Simulation.RunAsync(
        200,
        async network =>
        {
            network.AddHost("server").Run(Programs.EchoAsync);
            SimulatedHost client = network.AddHost("client");
            network.ScheduleFaults(10, TimeSpan.FromMinutes(1));
            int answers = 0;
            client.Run(async selector =>
            {
                while (answers < 10)
                {
                    try
                    {
                        await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.SocketTimeout = TimeSpan.FromSeconds(5));
                        Assert.That(await Programs.AskAsync(socket, "hello"), Is.EqualTo("hello").Or.Null);
                        answers++;
                    }
                    catch (Exception exception) when (exception is IOException or TimeoutException or System.Net.Sockets.SocketException)
                    {
                    }

                    await client.Time.Delay(TimeSpan.FromSeconds(3));
                }
            });
            while (answers < 10)
            {
                await network.Time.Delay(TimeSpan.FromSeconds(10));
                Assert.That(network.Time.Elapsed, Is.LessThan(TimeSpan.FromMinutes(15)));
            }
        },
        new SimulationOptions { Schedule = schedule });
}
