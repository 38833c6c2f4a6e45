using System.Diagnostics;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>A copy between two connections, which the kernel splices where it can, against our own close of either at every moment.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class CopyCloseTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Rounds = 30;

    [Test]
    public async Task A_copy_at_any_moment_of_our_own_close_says_what_closed_it(
        [Values] bool joins, [Values] bool closesDestination, [Values(CloseKind.Abort, CloseKind.CloseAsync)] CloseKind close)
    {
        for (int i = 0; i < Rounds; i++)
        {
            (Connection source, Connection client) = await ConnectPairAsync();
            (Connection destination, Connection server) = await ConnectPairAsync();
            Task<Exception?> flooding = Task.Run(() => FloodAsync(client)).OutcomeAsync();
            Task<Exception?> draining = Task.Run(() => server.Input.SkipAsync(long.MaxValue).AsTask()).OutcomeAsync();

            // Enough for the copy to be spliced by then.
            await source.Input.SkipExactlyAsync(100).AsTask().Soon();
            Task<Exception?> copying = Task.Run(() => joins
                ? source.JoinAsync(destination).AsTask()
                : source.Input.CopyToAsync(destination.Output).AsTask()).OutcomeAsync();
            await Waiting.UntilAsync(() => destination.Output.TotalBytesWritten > 1_000_000 || copying.IsCompleted);
            for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromMicroseconds(10 * i);)
            {
                Thread.SpinWait(5);
            }

            Connection closed = closesDestination ? destination : source;
            Task closing = close == CloseKind.Abort ? Task.Run(closed.Abort) : closed.CloseAsync().AsTask();
            Exception? failure = await copying.Soon();
            Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"round {i}: {failure}");
            Assert.That(failure!.InnerException, Is.Null, $"round {i}: {failure}");
            Assert.That(
                failure.Message,
                Does.Contain(close == CloseKind.Abort ? "was aborted by Abort" : "was closed by CloseAsync").And.Contain($"{closed.RemoteEndPoint} "),
                $"round {i}: {failure}");
            Array.ForEach([source, client, destination, server], connection => connection.Abort());
            await closing.Soon();
            await flooding.Soon();
            await draining.Soon();
        }
    }

    [Test]
    public async Task A_reset_that_a_copy_meets_is_the_close_cause()
    {
        (Connection source, Connection client) = await ConnectPairAsync();
        (Connection destination, Connection server) = await ConnectPairAsync();
        Task<Exception?> draining = server.Input.SkipAsync(long.MaxValue).OutcomeAsync();
        Task<Exception?> copying = source.Input.CopyToAsync(destination.Output).OutcomeAsync();
        const int length = 8 * 1024 * 1024;
        await client.Output.WriteAsync(new byte[length]).Soon();
        await client.Output.FlushAsync().Soon();
        await Waiting.UntilAsync(() => server.Input.TotalBytesRead == length);
        client.Abort();

        Exception? failure = await copying.Soon();
        Assert.That(failure, Is.InstanceOf<IOException>());
        Assert.That(source.Input.CloseCause, Is.SameAs(failure));
        Assert.That(source.Input.IsClosedForRead, Is.True);
        Array.ForEach([source, destination, server], connection => connection.Abort());
        await draining.Soon();
    }

    [Test]
    public async Task A_splice_during_whose_receive_the_channel_is_closed_says_what_closed_it()
    {
        var source = new ClosedSplice();
        ByteReadChannel input = new(source, pool: null);
        source.OnReceive = () => input.Cancel();
        Exception? failure = await input.CopyToAsync(Stream.Null.AsByteWriteChannel()).OutcomeAsync();
        Assert.That(failure, Is.TypeOf<ObjectDisposedException>().With.Property(nameof(ObjectDisposedException.ObjectName)).EqualTo("the source"));
    }

    private static async Task FloodAsync(Connection client)
    {
        byte[] block = new byte[256 * 1024];
        while (true)
        {
            await client.Output.WriteAsync(block);
        }
    }
}
