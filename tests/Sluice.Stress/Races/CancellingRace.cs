using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Reads and writes are cancelled, or time out, while they complete; nothing of the stream may be lost or doubled.</summary>
internal sealed class CancellingRace : Race
{
    private const int Count = 100_000;

    public override async Task RunAsync(Round round)
    {
        (Connection first, Connection second) = await round.World.ConnectPairAsync();
        Random writing = round.Fork(), reading = round.Fork();
        if (round.World.Wire != Wire.Memory && round.Random.Next(2) == 0)
        {
            first.Socket.Options.SocketTimeout = second.Socket.Options.SocketTimeout = TimeSpan.FromMilliseconds(1);
        }

        await round.TogetherAsync(
            () => round.TryAsync(Allowed.None, () => WriteAsync(first, writing), what: "The writer"),
            () => round.TryAsync(Allowed.None, () => ReadAsync(second, reading), what: "The reader"));
        first.Abort();
        second.Abort();
    }

    private static async Task WriteAsync(Connection connection, Random random)
    {
        // A write that is cancelled has written what the channel counts.
        while (connection.Output.TotalBytesWritten < Count)
        {
            await CancelledAsync(random, token => Writes.ManyAsync(connection.Output, random, Count, token));
        }

        bool completed = false;
        while (!completed)
        {
            await CancelledAsync(random, async token =>
            {
                await connection.Output.CompleteAsync(token);
                completed = true;
            });
        }
    }

    private static async Task ReadAsync(Connection connection, Random random)
    {
        bool ended = false;
        while (!ended)
        {
            await CancelledAsync(random, async token =>
            {
                await Reads.ToEndAsync(connection.Input, random, token);
                ended = true;
            });
        }

        if (connection.Input.TotalBytesRead < Count)
        {
            throw new WrongBytesException($"The stream ended after {connection.Input.TotalBytesRead} bytes.");
        }
    }

    private static async Task CancelledAsync(Random random, Func<CancellationToken, Task> action)
    {
        using var source = new CancellationTokenSource();
        Task cancelling = CancelAsync(source, random.Next(30_000));
        try
        {
            await action(source.Token);
        }
        catch (OperationCanceledException exception) when (exception.CancellationToken == source.Token)
        {
            // Once more.
        }
        catch (IOException exception) when (exception.InnerException is TimeoutException)
        {
            // Once more, too.
        }

        await cancelling;
    }

    private static async Task CancelAsync(CancellationTokenSource source, int spins)
    {
        await Task.Yield();
        Thread.SpinWait(spins);

        // On this thread: no continuation of a read may run within.
        source.Cancel();
    }
}
