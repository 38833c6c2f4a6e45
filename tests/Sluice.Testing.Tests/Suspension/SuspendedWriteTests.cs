namespace Sluice.Testing.Tests.Suspension;

/// <summary>Every write, canceled or timed out while it waits for room, wherever in its bytes the room ends.</summary>
public sealed class SuspendedWriteTests
{
    private const int BufferSize = 3_000;
    private const int ChannelCapacity = 64 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    // Longer than the timeout with its tolerance.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private static IEnumerable<WriteOperation> Operations => WriteOperations.All;

    [TestCaseSource(nameof(Operations))]
    public Task A_write_that_is_canceled_has_written_nothing(object operation) => RunAsync((WriteOperation)operation, times: false);

    [TestCaseSource(nameof(Operations))]
    public Task A_write_that_times_out_has_written_nothing(object operation) => RunAsync((WriteOperation)operation, times: true);

    private static Task RunAsync(WriteOperation operation, bool times) => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        ServerSocket listener = await server.RunAsync(async selector =>
            await selector.Tcp().BindAsync("::", Programs.Port, options => options.ReceiveBufferSize = BufferSize));
        Task<byte[]> receiving = server.RunAsync(async _ =>
        {
            await using StreamSocket socket = await listener.AcceptAsync();
            await server.Time.Delay(s_pause);
            return await socket.OpenReadChannel().ReadToEndAsync(1_000_000);
        });
        int filled = ChannelCapacity + network.Random.Next(operation.Message.Length);
        int written = 0;
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options =>
            {
                options.SendBufferSize = BufferSize;
                options.SocketTimeout = times ? s_timeout : Timeout.InfiniteTimeSpan;
            });
            ByteWriteChannel output = socket.OpenConnection().Output;
            await output.WriteAsync(new byte[filled]);
            using var cancellation = new CancellationTokenSource(times ? Timeout.InfiniteTimeSpan : s_timeout, network.Time);
            Exception failure = await Failure.OfAsync<Exception>(async () =>
            {
                while (true)
                {
                    await operation.WriteAsync(output, cancellation.Token);
                    written++;
                }
            });
            if (times)
            {
                Assert.That(failure, Is.InstanceOf<IOException>().And.InnerException.InstanceOf<TimeoutException>());
            }
            else
            {
                Assert.That((failure as OperationCanceledException)?.CancellationToken, Is.EqualTo(cancellation.Token), $"{failure}");
            }

            Assert.That(network.Time.Elapsed, Is.InRange(s_timeout, s_pause));
            Assert.That(output.TotalBytesWritten, Is.EqualTo(filled + (written * operation.Message.Length)));
            await network.Time.Delay(s_pause);
            await operation.WriteAsync(output, CancellationToken.None);
            written++;
            await output.CompleteAsync();
        });
        byte[] received = await receiving;

        Assert.That(received, Has.Length.EqualTo(filled + (written * operation.Message.Length)));
        for (int at = filled; at < received.Length; at += operation.Message.Length)
        {
            Assert.That(received.AsSpan(at, operation.Message.Length).SequenceEqual(operation.Message), Is.True);
        }
    });
}
