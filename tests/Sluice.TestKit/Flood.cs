namespace Sluice.TestKit;

/// <summary>Writes <see cref="Pattern"/> in blocks until it is stopped, and counts what was accepted.</summary>
internal sealed class Flood
{
    private readonly CancellationTokenSource _stop = new();
    private long _accepted;

    private Flood(ByteWriteChannel output, int blockSize) => Writing = Task.Run(() => WriteAsync(output, blockSize));

    /// <summary>Ends with what a write threw.</summary>
    public Task Writing { get; }

    /// <summary>How many bytes the writes had that completed.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    public CancellationToken Token => _stop.Token;

    /// <summary>Begins, and goes on until nothing has been accepted for a while: the peer does not read.</summary>
    public static async Task<Flood> UntilStalledAsync(ByteWriteChannel output, int blockSize = 10_000)
    {
        var flood = new Flood(output, blockSize);
        long before;
        do
        {
            // What holds up a channel of any kind shows in nothing but that it accepts no more.
            before = flood.Accepted;
            await Task.Delay(100);
        }
        while (flood.Accepted == 0 || flood.Accepted != before);

        Assert.That(flood.Writing.IsCompleted, Is.False);
        return flood;
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
