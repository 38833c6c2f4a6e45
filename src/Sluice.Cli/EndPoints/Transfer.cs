namespace Sluice.Cli.EndPoints;

/// <summary>Copies between links.</summary>
internal static class Transfer
{
    /// <summary>Gets how many bytes to read at a time: any datagram, and of a stream no more than the destination takes at once.</summary>
    public static int BufferSize(Link from, Link to) => from is DatagramLink or PeerLink ? Link.BufferSize : Math.Min(Link.BufferSize, to.MostWrite);

    /// <summary>Copies until the source ends, and then ends the destination. Returns the number of bytes.</summary>
    public static async Task<long> CopyAsync(Link from, Link to, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize(from, to)];
        long copied = 0;
        int count;
        while ((count = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            copied += count;
        }

        await to.CompleteAsync(cancellationToken);
        return copied;
    }

    /// <summary>Copies in both directions until both have ended. A failure of one ends both links.</summary>
    public static async Task JoinAsync(Link first, Link second, CancellationToken cancellationToken)
    {
        if (first.Connection is { } one && second.Connection is { } other)
        {
            // Stays in the kernel where both sides are plain.
            await one.JoinAsync(other, cancellationToken);
            return;
        }

        await BothAsync(CopyAsync(first, second, cancellationToken), CopyAsync(second, first, cancellationToken), first, second);
    }

    /// <summary>Waits for both directions. The first failure aborts both links, which ends the other direction.</summary>
    public static async Task BothAsync(Task there, Task back, Link first, Link second)
    {
        Task ended = await Task.WhenAny(there, back);
        if (!ended.IsCompletedSuccessfully)
        {
            first.Abort();
            second.Abort();
            await (ended == there ? back : there).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ended;
        }

        await Task.WhenAll(there, back);
    }
}
