using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    // A flow that so often in a row brought so much at once goes past our memory, where it can, until it brings little as often: for small
    // pieces a copy costs less than the second system call.
    private const int LargePiece = 32 * 1024;
    private const int SmallPiece = 8 * 1024;
    private const int PiecesInARow = 4;

    // How much may be under way past our memory.
    private const int SplicePiece = 512 * 1024;

    /// <inheritdoc cref="CopyToAsync(ByteWriteChannel, long, CancellationToken)"/>
    public ValueTask<long> CopyToAsync(ByteWriteChannel destination, CancellationToken cancellationToken = default) =>
        CopyToAsync(destination, long.MaxValue, cancellationToken);

    /// <summary>
    /// Copies to <paramref name="destination"/> until the end of the stream, or until <paramref name="limit"/> bytes are copied. Suspends
    /// while nothing comes, and while the destination is full. What was copied is sent before the copy waits for more and when it ends,
    /// whether or not the destination flushes by itself; the destination is not completed.
    /// </summary>
    /// <remarks>
    /// Between two sockets of the epoll engine a large flow stays in the kernel (splice(2)) and never comes to this process's memory. The
    /// buffer beside it is bounded: 64 KiB on each side, and 512 KiB in the kernel.
    /// </remarks>
    /// <param name="destination">Where to. Nobody else can write to it meanwhile.</param>
    /// <param name="limit">How many bytes to copy at most.</param>
    /// <param name="cancellationToken">
    /// Ends the copy. Nothing is lost: every byte was handed to the destination, where it stays on its way, or can still be read here.
    /// </param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">Another read here, or another write there, is in progress.</exception>
    /// <exception cref="IOException">One of the peers reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">One of the sockets is closed, or was closed meanwhile.</exception>
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

    /// <summary>Becomes the one reader here and the one writer there, or neither.</summary>
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

    /// <summary>A way to <paramref name="destination"/> that does not lead through our memory; null if there is none.</summary>
    private protected virtual ISplice? OpenSplice(ByteWriteChannel destination) => null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> CopySlowAsync(ByteWriteChannel destination, long limit, CancellationToken cancellationToken)
    {
        try
        {
            long copied = 0;
            int inARow = 0;
            while (copied < limit)
            {
                if (!Buffered.IsEmpty && _skipLineFeed is null)
                {
                    int count = CopyBuffered(destination, limit - copied, out int wanted);
                    copied += count;
                    if (count == 0)
                    {
                        await destination.WaitForRoomAsync(wanted, cancellationToken).ConfigureAwait(false);
                    }
                }
                else if (inARow == PiecesInARow && OpenSplice(destination) is { } splice)
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
                        ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
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
        finally
        {
            EndCopy(destination);
        }
    }

    private int CopyBuffered(ByteWriteChannel destination, long limit, out int wanted)
    {
        ReadOnlySpan<byte> piece = Buffered.FirstSpan;
        wanted = (int)Math.Min(Math.Min(piece.Length, limit), ByteWriteChannel.HighWaterMark);
        int count = destination.TryCopy(piece[..wanted]);
        Consume(count);
        return count;
    }

    // Until the end, the limit, or a flow too small for it; what comes next tells.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> SpliceAsync(ISplice splice, ByteWriteChannel destination, long limit, CancellationToken cancellationToken)
    {
        try
        {
            long copied = 0;
            int inARow = 0;

            // Before anything is taken: from then on a cancellation must find it on its way.
            await destination.DrainAsync(cancellationToken).ConfigureAwait(false);
            while (copied < limit && inARow < PiecesInARow)
            {
                int taken = splice.TryReceive(Math.Min(limit - copied, SplicePiece));
                if (taken is ISplice.Unsupported or ISplice.Unsure)
                {
                    break;
                }

                if (taken == IByteSource.WouldBlock)
                {
                    ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
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
}
