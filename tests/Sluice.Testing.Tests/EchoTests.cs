using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>A client and a server on two hosts.</summary>
public sealed class EchoTests
{
    [Test]
    public Task A_server_answers_a_client_by_its_name() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        network.AddHost("server").Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            for (int i = 0; i < 10; i++)
            {
                await connection.Output.WriteLineAsync($"line {i}");
                Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo($"line {i}"));
            }
        });
    });

    [Test]
    public Task A_large_transfer_arrives_whole_over_a_lossy_slow_link() => Simulation.RunAsync(50, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        network.AddHost("server").Run(Programs.EchoAsync);
        SimulatedLink link = network.Link("client", "server");
        link.Loss = 0.02;
        link.BytesPerSecond = 10_000_000;
        link.Latency = LatencyModel.LongTail(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(80));
        byte[] sent = new byte[500_000];
        network.Random.NextBytes(sent);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            Task writing = WriteAsync(connection, sent);
            byte[] received = await connection.Input.ReadExactlyAsync(sent.Length);
            await writing;
            Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        });
    });

    [Test]
    public Task A_connection_survives_a_short_partition_and_not_a_long_one() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            Task<string?> reply;
            using (network.Partition(client, server))
            {
                await connection.Output.WriteLineAsync("one");
                reply = connection.Input.ReadLineAsync().AsTask();
                await network.Time.Delay(TimeSpan.FromSeconds(30));
                Assert.That(reply.IsCompleted, Is.False);
            }

            Assert.That(await reply, Is.EqualTo("one"));
            network.Partition(client, server);
            await connection.Output.WriteLineAsync("two");
            IOException failure = await Failure.OfAsync<IOException>(async () => await connection.Input.ReadLineAsync());
            Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.TimedOut));
            Assert.That(network.Time.Elapsed, Is.GreaterThan(TimeSpan.FromMinutes(10)));
        });
    });

    private static async Task WriteAsync(Connection connection, byte[] bytes)
    {
        await connection.Output.WriteAsync(bytes);
        await connection.Output.FlushAsync();
    }
}
