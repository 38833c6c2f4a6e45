using Sluice.Channels.Buffers;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    // How much room a read from a stream should have.
    private const int CopyPiece = 4096;

    /// <inheritdoc cref="CopyFromAsync(Stream, long, CancellationToken)"/>
    public ValueTask<long> CopyFromAsync(Stream source, CancellationToken cancellationToken = default) =>
        CopyFromAsync(source, long.MaxValue, cancellationToken);

    /// <summary>
    /// Copies from <paramref name="source"/> until its end, or until <paramref name="limit"/> bytes are copied. Reads straight into the channel's
    /// buffer. Waits while the stream has nothing, and while the buffer is full. The copied bytes are sent when the copy ends, or earlier with
    /// <see cref="AutoFlush"/>. The channel is not completed.
    /// </summary>
    /// <param name="source">The stream. No more than the limit is read from it.</param>
    /// <param name="limit">The largest number of bytes to copy.</param>
    /// <param name="cancellationToken">Cancels the copy. The bytes read from the stream are written.</param>
    /// <returns>The number of bytes copied.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">
    /// The stream failed, the peer reset the connection, the network failed, or the socket timeout passed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
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

        BeginWrite();
        return CopyFromSlowAsync(source, limit, cancellationToken);
    }

    private async ValueTask<long> CopyFromSlowAsync(Stream source, long limit, CancellationToken cancellationToken)
    {
        long before = _queue.Written;
        try
        {
            long copied = 0;
            while (copied < limit)
            {
                ThrowIfUnusable();
                if (!_queue.TryLease(CopyPiece, out Memory<byte> memory))
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
        catch
        {
            EndMessagesIfBegun(before);
            throw;
        }
        finally
        {
            EndWrite();
        }
    }

    private async ValueTask<int> ReadIntoAsync(Stream source, Memory<byte> leased, CancellationToken cancellationToken)
    {
        int count = 0;
        try
        {
            int read = await source.ReadAsync(leased, cancellationToken).ConfigureAwait(false);
            ReadCount.ThrowIfImpossible(read, leased.Length);
            return count = read;
        }
        catch (OperationCanceledException exception) when (!exception.IsOf(cancellationToken))
        {
            throw exception.ForCallerOf("The stream", cancellationToken);
        }
        finally
        {
            await cancellationToken.LeaveCancelAsync();
            _queue.Commit(count, AutoFlush);
        }
    }
}
