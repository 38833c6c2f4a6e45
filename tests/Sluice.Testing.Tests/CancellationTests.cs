namespace Sluice.Testing.Tests;

/// <summary>Reads and writes that are canceled, or time out, at any point.</summary>
public sealed class CancellationTests
{
    private const int Lines = 100;

    [Test]
    public Task No_byte_is_lost_by_reads_that_are_canceled() => Simulation.RunAsync(300, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        network.AddHost("client");
        server.Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            for (int i = 0; i < Lines; i++)
            {
                await connection.Output.WriteLineAsync($"line {i}");
                if (network.Random.Next(4) == 0)
                {
                    await server.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(5)));
                }
            }
        }));
        await network.GetHost("client").RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            for (int i = 0; i < Lines;)
            {
                using var cancellation = new CancellationTokenSource(TimeSpan.FromMicroseconds(network.Random.Next(3_000)), network.Time);
                try
                {
                    Assert.That(await connection.Input.ReadLineAsync(cancellation.Token), Is.EqualTo($"line {i}"));
                    i++;
                }
                catch (OperationCanceledException exception)
                {
                    Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
                }
            }

            Assert.That(await connection.Input.ReadLineAsync(), Is.Null);
        });
    });

    [Test]
    public Task A_read_that_times_out_can_be_repeated() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        server.Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            for (int i = 0; i < 10; i++)
            {
                await server.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(2_000)));
                await connection.Output.WriteLineAsync($"line {i}");
            }
        }));
        await client.RunAsync(async selector =>
        {
            TimeSpan timeout = TimeSpan.FromSeconds(1);
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.SocketTimeout = timeout);
            Connection connection = socket.OpenConnection();
            for (int i = 0; i < 10;)
            {
                TimeSpan began = network.Time.Elapsed;
                try
                {
                    Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo($"line {i}"));
                    i++;
                }
                catch (IOException exception) when (exception.InnerException is TimeoutException)
                {
                    Assert.That(network.Time.Elapsed - began, Is.InRange(timeout, 1.3 * timeout));
                }
            }
        });
    });

    [Test]
    public Task A_write_that_is_canceled_leaves_a_stream_without_gaps() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        byte[]? received = null;
        server.Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            await server.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(20)));
            received = await connection.Input.ReadToEndAsync(10_000_000);
        }));
        long written = 0;
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.SendBufferSize = 3_000);
            Connection connection = socket.OpenConnection();
            for (int i = 0; i < 20; i++)
            {
                using var cancellation = new CancellationTokenSource(TimeSpan.FromMicroseconds(network.Random.Next(5_000)), network.Time);
                byte[] block = new byte[network.Random.Next(8_000)];
                for (int at = 0; at < block.Length; at++)
                {
                    block[at] = (byte)(connection.Output.TotalBytesWritten + at);
                }

                try
                {
                    await connection.Output.WriteAsync(block, cancellation.Token);
                }
                catch (OperationCanceledException)
                {
                    // Part of the block may be written.
                }
            }

            written = connection.Output.TotalBytesWritten;
            await connection.Output.CompleteAsync();
        });
        await network.Time.Delay(TimeSpan.FromSeconds(1));

        Assert.That(received!.LongLength, Is.EqualTo(written));
        Assert.That(Enumerable.Range(0, received.Length).All(at => received[at] == (byte)at), Is.True);
    });
}
