using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    // After this many large pieces in a row, the copy is spliced in the kernel where that is possible; after as many small ones it is not any
    // more. A copy of a small piece costs less than the second system call of a splice.
    private const int LargePiece = 32 * 1024;
    private const int SmallPiece = 8 * 1024;
    private const int PiecesInARow = 4;

    // The most bytes that one splice leaves in the kernel's pipe.
    private const int SplicePiece = 512 * 1024;

    /// <inheritdoc cref="CopyToAsync(ByteWriteChannel, long, CancellationToken)"/>
    public ValueTask<long> CopyToAsync(ByteWriteChannel destination, CancellationToken cancellationToken = default) =>
        CopyToAsync(destination, long.MaxValue, cancellationToken);

    /// <summary>
    /// Copies to <paramref name="destination"/> until the end of the stream, or until <paramref name="limit"/> bytes are copied. Waits while
    /// nothing comes, and while the destination is full. The copied bytes are sent before the copy waits for more and when it ends, with and
    /// without auto-flush. The destination is not completed.
    /// </summary>
    /// <remarks>
    /// Between two sockets of the epoll engine, a large flow stays in the kernel (splice(2)) and never enters the memory of this process. Its
    /// buffers are bounded: 64 KiB on each side, and 512 KiB in the kernel.
    /// </remarks>
    /// <param name="destination">Receives the bytes. No other write to it is possible during the copy.</param>
    /// <param name="limit">The most bytes to copy.</param>
    /// <param name="cancellationToken">
    /// Cancels the copy. Nothing is lost: every byte was handed to the destination, which still sends it, or can still be read here.
    /// </param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">Another read here, or another write there, is in progress.</exception>
    /// <exception cref="IOException">One of the peers reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">One of the sockets is closed, or is closed during the copy.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> CopyToAsync(ByteWriteChannel destination, long limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellationToken);
        }

        BeginCopy(destination);
        return CopySlowAsync(destination, limit, cancellationToken);
    }

    /// <summary>Becomes the reader of this channel and the writer of the destination, or neither.</summary>
    internal void BeginCopy(ByteWriteChannel destination)
    {
        Begin();
        try
        {
            destination.BeginWrite();
        }
        catch
        {
            End();
            throw;
        }
    }

    internal void EndCopy(ByteWriteChannel destination)
    {
        destination.EndWrite();
        End();
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<long> CopySlowAsync(ByteWriteChannel destination, long limit, CancellationToken cancellationToken)
    {
        long before = destination.TotalBytesWritten;
        try
        {
            long copied = 0;
            int inARow = 0;
            while (copied < limit)
            {
                if (!Buffered.IsEmpty)
                {
                    int count = CopyBuffered(destination, limit - copied, out int wanted);
                    copied += count;
                    if (count == 0)
                    {
                        await destination.WaitForRoomAsync(wanted, cancellationToken).ConfigureAwait(false);
                    }
                }
                else if (inARow == PiecesInARow && destination.OpenSplice(_source) is { } splice)
                {
                    inARow = 0;
                    copied += await SpliceAsync(splice, destination, limit - copied, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    int filled = TryFill();
                    if (filled == 0)
                    {
                        break;
                    }

                    if (filled == IByteSource.WouldBlock)
                    {
                        destination.SendNow();
                        ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
                    }
                    else
                    {
                        inARow = filled >= LargePiece ? Math.Min(inARow + 1, PiecesInARow) : filled < SmallPiece ? 0 : inARow;
                    }
                }
            }

            destination.SendNow();
            return copied;
        }
        catch
        {
            destination.EndMessagesIfBegun(before);
            throw;
        }
        finally
        {
            EndCopy(destination);
        }
    }

    private int CopyBuffered(ByteWriteChannel destination, long limit, out int wanted)
    {
        ReadOnlySpan<byte> piece = Buffered.FirstSpan;
        wanted = (int)Math.Min(Math.Min(piece.Length, limit), ByteWriteChannel.HighWaterMark);
        if (_slice is { IsTee: true } && !destination.IsClosedForWrite)
        {
            // Only what the destination takes at once: a wait for room may be cancelled.
            if (ByteWriteChannel.HighWaterMark - destination.UnsentBytes < wanted)
            {
                return 0;
            }

            CopyAhead(wanted);
        }

        // Not the last ones of a stream that has more at once: those leave together.
        int count = destination.TryCopy(piece[..wanted], isLast: wanted == _queue.Length && _source.IsDrained);
        Consume(count);
        return count;
    }

    // Until the end, the limit, or small pieces; the caller's next receive finds out which.
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<long> SpliceAsync(ISplice splice, ByteWriteChannel destination, long limit, CancellationToken cancellationToken)
    {
        try
        {
            long copied = 0;
            int inARow = 0;

            // Before the first receive: from then on the bytes are on their way, and a cancellation must not stop them.
            await destination.DrainAsync(cancellationToken).ConfigureAwait(false);
            while (copied < limit && inARow < PiecesInARow)
            {
                int taken = ReceiveSpliced(splice, Math.Min(limit - copied, SplicePiece));
                if (taken is ISplice.Unsupported or ISplice.Unsure)
                {
                    break;
                }

                if (taken == IByteSource.WouldBlock)
                {
                    ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
                    continue;
                }

                copied += taken;
                TotalBytesRead += taken;
                inARow = taken < SmallPiece ? inARow + 1 : 0;
                await destination.SendAsync(splice, cancellationToken).ConfigureAwait(false);
            }

            return copied;
        }
        finally
        {
            destination.Release(splice);
        }
    }

    private int ReceiveSpliced(ISplice splice, long most)
    {
        try
        {
            return splice.TryReceive(most);
        }
        catch (Exception exception) when (Remember(exception))
        {
            ThrowClosed();
            throw;
        }
    }
}
