using Sluice.Scheduling;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    // What a read from a stream should have room for.
    private const int CopyPiece = 4096;

    /// <inheritdoc cref="CopyFromAsync(Stream, long, CancellationToken)"/>
    public ValueTask<long> CopyFromAsync(Stream source, CancellationToken cancellationToken = default) =>
        CopyFromAsync(source, long.MaxValue, cancellationToken);

    /// <summary>
    /// Writes what comes from <paramref name="source"/> until its end, or until <paramref name="limit"/> bytes are written: it reads straight
    /// into this channel's buffer. Suspends while nothing comes, and while the buffer is full. What was written is sent when the copy ends,
    /// or earlier with <see cref="AutoFlush"/>; the channel is not completed.
    /// </summary>
    /// <param name="source">Where from. No more than the limit is taken from it.</param>
    /// <param name="limit">How many bytes to copy at most.</param>
    /// <param name="cancellationToken">Ends the copy. What was read from the stream was written.</param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The stream failed, the peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> CopyFromAsync(Stream source, long limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (!source.CanRead)
        {
            throw new ArgumentException("The stream cannot be read.", nameof(source));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellationToken);
        }

        BeginCopy();
        return CopyFromSlowAsync(source, limit, cancellationToken);
    }

    private async ValueTask<long> CopyFromSlowAsync(Stream source, long limit, CancellationToken cancellationToken)
    {
        try
        {
            long copied = 0;
            while (copied < limit)
            {
                ThrowIfUnusable();
                if (!TryLease(CopyPiece, out Memory<byte> memory))
                {
                    await WaitForRoomAsync(CopyPiece, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                int count = await ReadIntoAsync(source, memory[..(int)Math.Min(memory.Length, limit - copied)], cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                copied += count;
            }

            SendNow();
            return copied;
        }
        finally
        {
            EndCopy();
        }
    }

    private async ValueTask<int> ReadIntoAsync(Stream source, Memory<byte> leased, CancellationToken cancellationToken)
    {
        int count = 0;
        try
        {
            count = await source.ReadAsync(leased, cancellationToken).ConfigureAwait(false);
            return count;
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsForgottenBy(exception))
        {
            throw exception.CanceledBy(cancellationToken);
        }
        finally
        {
            await cancellationToken.LeaveCancelAsync();
            Advance(count, AutoFlush);
        }
    }
}
