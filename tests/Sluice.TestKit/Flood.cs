namespace Sluice.TestKit;

/// <summary>Writes <see cref="Pattern"/> in blocks until it is stopped, and counts what was accepted.</summary>
internal sealed class Flood
{
    private static readonly TimeSpan s_settled = TimeSpan.FromMilliseconds(100);

    // The kernel first probes a full peer after 200 ms (TCP_RTO_MIN; RFC 9293, 3.8.6.1). A probe may find room, and the writer then continues: a longer
    // wait means that the peer is full for good.
    private static readonly TimeSpan s_probed = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private long _accepted;

    private Flood(ByteWriteChannel output, int blockSize) => Writing = Task.Run(() => WriteAsync(output, blockSize));

    /// <summary>Ends with what a write threw.</summary>
    public Task Writing { get; }

    /// <summary>How many bytes the writes had that completed.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    public CancellationToken Token => _stop.Token;

    /// <summary>Begins, and goes on until a write waits because the peer does not read.</summary>
    public static async Task<Flood> UntilStalledAsync(ByteWriteChannel output, int blockSize = 10_000, StreamSocket? socket = null)
    {
        var flood = new Flood(output, blockSize);
        await UntilStalledAsync(output, () => flood.Accepted, blockSize, socket);
        Assert.That(flood.Writing.IsCompleted, Is.False);
        return flood;
    }

    /// <summary>Waits until a write waits because the peer does not read.</summary>
    /// <param name="output">The channel that is written to.</param>
    /// <param name="progress">Grows with what the writer does.</param>
    /// <param name="blockSize">How much it writes at a time.</param>
    /// <param name="socket">The socket below, which tells a write that waits for room from a writer that gets no processor.</param>
    public static async Task UntilStalledAsync(ByteWriteChannel output, Func<long> progress, int blockSize, StreamSocket? socket)
    {
        if (socket is not null)
        {
            await Waiting.UntilAsync(() => socket.Transport.Wait is { For: "room" } wait && wait.Since >= s_probed);
            return;
        }

        long before;
        do
        {
            // Nothing but the lack of progress shows that a channel of any other kind is held up.
            before = progress();
            await Waiting.PauseAsync(s_settled);
        }
        while (progress() != before || output.AvailableForWrite >= blockSize);
    }

    /// <summary>Cancels the write that waits.</summary>
    public Task CancelAsync() => _stop.CancelAsync();

    private async Task WriteAsync(ByteWriteChannel output, int blockSize)
    {
        while (true)
        {
            await output.WriteAsync(Pattern.Bytes(blockSize, Accepted), Token);
            Interlocked.Add(ref _accepted, blockSize);
        }
    }
}
