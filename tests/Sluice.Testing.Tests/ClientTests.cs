using System.Net;
using Sluice.Client;

namespace Sluice.Testing.Tests;

/// <summary>The clients of Sluice.Client on a bad network.</summary>
public sealed class ClientTests
{
    // The pauses between tries to connect have a random share, which the seed does not decide (Polly).
    private static readonly SimulationOptions s_random = new() { ChecksDeterminism = false };

    [Test]
    public Task Each_caller_gets_its_own_reply_or_a_failure() => Simulation.RunAsync(300, async network =>
    {
        network.AddHost("server").Run(Programs.EchoAsync);
        SimulatedHost client = network.AddHost("client");
        if (network.Random.Next(2) == 0)
        {
            network.Path(client, network.GetHost("server")).CutConnectionsAfter(network.Random.Next(400));
        }
        else
        {
            network.Path(network.GetHost("server"), client).CutConnectionsAfter(network.Random.Next(400));
        }

        await client.RunAsync(async selector =>
        {
            StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            await using RequestChannel<string, string> channel = RequestChannel.Create(
                socket.OpenConnection(), FrameEncoder.Lines(), FrameDecoder.Lines());
            int failed = 0;
            await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
            {
                await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(10)));
                using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(1 + network.Random.Next(20)), network.Time);
                try
                {
                    Assert.That(await channel.SendAsync($"request {number}", cancellation.Token), Is.EqualTo($"request {number}"));
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
                {
                    failed++;
                }
            }));
            Assert.That(failed, Is.Positive);
        });
    });

    [Test]
    public Task A_connection_comes_back_after_each_crash() => Simulation.RunAsync(
        200,
        async network =>
        {
            SimulatedHost server = network.AddHost("server");
            SimulatedHost client = network.AddHost("client");
            server.Run(Programs.EchoAsync);
            await client.RunAsync(async selector =>
            {
                await using ReconnectingConnection<RequestChannel<string, string>> connection = ReconnectingConnection.Create(
                    selector.Tcp(),
                    [new DnsEndPoint("server", Programs.Port)],
                    (opened, _) => ValueTask.FromResult(RequestChannel.Create(opened, FrameEncoder.Lines(), FrameDecoder.Lines())),
                    new ReconnectOptions<RequestChannel<string, string>>
                    {
                        TimeProvider = client.Time,
                        Heartbeat = async (channel, token) => await channel.SendAsync("ping", token),
                    });
                for (int i = 0; i < 3; i++)
                {
                    Assert.That(await AskUntilAnsweredAsync(connection, $"request {i}", network), Is.EqualTo($"request {i}"));
                    if (network.Random.Next(2) == 0)
                    {
                        server.Crash();
                        await network.Time.Delay(TimeSpan.FromSeconds(network.Random.Next(100)));
                        server.Restart();
                    }
                    else
                    {
                        using IDisposable partition = network.Partition(client, server);
                        await network.Time.Delay(TimeSpan.FromSeconds(network.Random.Next(100)));
                    }
                }
            });

            // With two minutes a fault, and the longest pause, all of it is over.
            Assert.That(network.Time.Elapsed, Is.LessThan(TimeSpan.FromMinutes(10)));
        },
        s_random);

    private static async Task<string> AskUntilAnsweredAsync(
        ReconnectingConnection<RequestChannel<string, string>> connection, string request, SimulatedNetwork network)
    {
        while (true)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(60), network.Time);
            try
            {
                return await connection.SendAsync(request, cancellationToken: cancellation.Token);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or TimeoutException)
            {
                await network.Time.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }
}
