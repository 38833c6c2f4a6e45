namespace Sluice.Testing.Tests.Suspension;

/// <summary>Every read, canceled or timed out at every byte that it can wait for.</summary>
public sealed class SuspendedReadTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    // Longer than the timeout with its tolerance.
    private static readonly TimeSpan s_gap = TimeSpan.FromSeconds(10);

    private static IEnumerable<ReadOperation> Operations => ReadOperations.All;

    [TestCaseSource(nameof(Operations))]
    public Task A_read_that_is_canceled_consumes_nothing(object operation) => RunAsync((ReadOperation)operation, times: false);

    [TestCaseSource(nameof(Operations))]
    public Task A_read_that_times_out_consumes_nothing(object operation) => RunAsync((ReadOperation)operation, times: true);

    [Test]
    public Task A_skip_that_is_canceled_has_skipped_what_it_counts() => RunAsync(async (network, input, message, after) =>
    {
        using var cancellation = new CancellationTokenSource(s_timeout, network.Time);
        await Failure.OfAsync<OperationCanceledException>(async () => await input.SkipExactlyAsync(message.Length, cancellation.Token));
        Assert.That(input.TotalBytesRead, Is.EqualTo(after));
        await input.SkipExactlyAsync(message.Length - input.TotalBytesRead);
    });

    [Test]
    public Task A_copy_that_is_canceled_has_passed_each_byte_on_or_left_it() => RunAsync(async (network, input, message, _) =>
    {
        var copy = new MemoryStream();
        using var cancellation = new CancellationTokenSource(s_timeout, network.Time);
        await Failure.OfAsync<OperationCanceledException>(async () => await input.CopyToAsync(copy, cancellation.Token));
        Assert.That(copy.Length, Is.EqualTo(input.TotalBytesRead));
        await input.CopyToAsync(copy, message.Length - copy.Length);
        Assert.That(copy.ToArray(), Is.EqualTo(message));
    });

    private static Task RunAsync(Func<SimulatedNetwork, ByteReadChannel, byte[], int, Task> readAsync) => Simulation.RunAsync(200, async network =>
    {
        byte[] message = [1, 2, 3, 4, 5, 6];
        int after = (int)(network.Seed % (ulong)message.Length);
        SimulatedHost client = network.AddHost("client");
        network.AddHost("server").Run(selector => Programs.ServeAsync(selector, connection => SendAsync(network, connection, message, after)));
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            ByteReadChannel input = socket.OpenConnection().Input;
            await readAsync(network, input, message, after);
            Assert.That(await input.ReadByteAsync(), Is.EqualTo((byte)'!'));
        });
    });

    // The seeds go through the bytes: each is the first that does not come in time.
    private static Task RunAsync(ReadOperation operation, bool times) => Simulation.RunAsync(200, async network =>
    {
        byte[] message = operation.Message;
        int after = (int)(network.Seed % (ulong)message.Length);
        SimulatedHost client = network.AddHost("client");
        network.AddHost("server").Run(selector => Programs.ServeAsync(selector, connection => SendAsync(network, connection, message, after)));
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync(
                "server", Programs.Port, options => options.SocketTimeout = times ? s_timeout : Timeout.InfiniteTimeSpan);
            ByteReadChannel input = socket.OpenConnection().Input;
            using var cancellation = new CancellationTokenSource(times ? Timeout.InfiniteTimeSpan : s_timeout, network.Time);
            if (times)
            {
                IOException failure = await Failure.OfAsync<IOException>(() => operation.ReadAsync(input, cancellation.Token));
                Assert.That(failure.InnerException, Is.InstanceOf<TimeoutException>());
            }
            else
            {
                OperationCanceledException failure = await Failure.OfAsync<OperationCanceledException>(() => operation.ReadAsync(input, cancellation.Token));
                Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));
            }

            Assert.That(network.Time.Elapsed, Is.LessThan(s_gap));
            Assert.That(input.TotalBytesRead, Is.Zero);
            Assert.That(await ReadToEndAsync(), Is.EqualTo(operation.Expected));
            Assert.That(await input.ReadByteAsync(), Is.EqualTo((byte)'!'));

            // A time limit that has passed once may pass again, before the rest is there.
            async Task<object?> ReadToEndAsync()
            {
                while (true)
                {
                    try
                    {
                        return await operation.ReadAsync(input, CancellationToken.None);
                    }
                    catch (IOException exception) when (times && exception.InnerException is TimeoutException)
                    {
                        Assert.That(input.TotalBytesRead, Is.Zero);
                    }
                }
            }
        });
    });

    // The first bytes, and the others and the byte behind the message after a gap, each alone.
    private static async Task SendAsync(SimulatedNetwork network, Connection connection, byte[] message, int after)
    {
        await connection.Output.WriteAsync(message.AsMemory(0, after));
        await connection.Output.FlushAsync();
        await network.Time.Delay(s_gap);
        for (int at = after; at < message.Length; at++)
        {
            await connection.Output.WriteByteAsync(message[at]);
            await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(3)));
        }

        await connection.Output.WriteByteAsync((byte)'!');
        await connection.Input.IsExhaustedAsync();
    }
}
