using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <inheritdoc cref="CopyToAsync(Stream, long, CancellationToken)"/>
    public ValueTask<long> CopyToAsync(Stream destination, CancellationToken cancellationToken = default) =>
        CopyToAsync(destination, long.MaxValue, cancellationToken);

    /// <summary>
    /// Copies to <paramref name="destination"/> until the end of the stream, or until <paramref name="limit"/> bytes are copied. Waits while
    /// nothing comes, and for each write of the destination.
    /// </summary>
    /// <param name="destination">Receives the bytes. It is neither flushed nor disposed of.</param>
    /// <param name="limit">The most bytes to copy.</param>
    /// <param name="cancellationToken">Cancels the copy. The bytes of a write that fails or is cancelled count as read.</param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="ArgumentException">The destination cannot be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, the socket timeout passed, or the destination failed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the copy.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> CopyToAsync(Stream destination, long limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (!destination.CanWrite)
        {
            throw new ArgumentException("The destination cannot be written.", nameof(destination));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellationToken);
        }

        Begin();
        return CopyToStreamAsync(destination, limit, cancellationToken);
    }

    /// <inheritdoc cref="CopyToAsync(PipeWriter, long, CancellationToken)"/>
    public ValueTask<long> CopyToAsync(PipeWriter destination, CancellationToken cancellationToken = default) =>
        CopyToAsync(destination, long.MaxValue, cancellationToken);

    /// <summary>
    /// Copies to <paramref name="destination"/> until the end of the stream, until <paramref name="limit"/> bytes are copied, or until the
    /// pipe's reader is completed. Waits while nothing comes, and while the pipe is full.
    /// </summary>
    /// <param name="destination">Receives the bytes. It is flushed, and not completed.</param>
    /// <param name="limit">The most bytes to copy.</param>
    /// <param name="cancellationToken">Cancels the copy. Nothing is lost: every byte is in the pipe, or can still be read here.</param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the copy.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the pipe's flush (<see cref="PipeWriter.CancelPendingFlush"/>).</exception>
    public ValueTask<long> CopyToAsync(PipeWriter destination, long limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellationToken);
        }

        Begin();
        return CopyToPipeAsync(destination, limit, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<long> CopyToStreamAsync(Stream destination, long limit, CancellationToken cancellationToken)
    {
        try
        {
            long copied = 0;
            while (copied < limit && await HasMoreAsync(cancellationToken).ConfigureAwait(false))
            {
                ReadOnlyMemory<byte> piece = FirstPiece(limit - copied);
                CopyAhead(piece.Length);
                try
                {
                    await destination.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException exception) when (!exception.IsOf(cancellationToken))
                {
                    throw exception.ForCallerOf("The stream", cancellationToken);
                }
                finally
                {
                    await cancellationToken.LeaveCancelAsync();
                    Consume(piece.Length);
                }

                copied += piece.Length;
            }

            return copied;
        }
        finally
        {
            End();
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<long> CopyToPipeAsync(PipeWriter destination, long limit, CancellationToken cancellationToken)
    {
        try
        {
            long copied = 0;
            bool isRead = true;
            while (isRead && copied < limit && await HasMoreAsync(cancellationToken).ConfigureAwait(false))
            {
                ReadOnlyMemory<byte> piece = FirstPiece(limit - copied);
                CopyAhead(piece.Length);
                destination.Write(piece.Span);
                Consume(piece.Length);
                copied += piece.Length;
                FlushResult flushed = await FlushAsync(destination, cancellationToken).ConfigureAwait(false);
                if (flushed.IsCanceled)
                {
                    throw new OperationCanceledException("The flush of the pipe was cancelled.");
                }

                isRead = !flushed.IsCompleted;
            }

            return copied;
        }
        finally
        {
            End();
        }
    }

    // A foreign pipe may complete the flush on the stack of CancellationTokenSource.Cancel, and may forget which token was cancelled.
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<FlushResult> FlushAsync(PipeWriter destination, CancellationToken cancellationToken)
    {
        try
        {
            return await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!exception.IsOf(cancellationToken))
        {
            throw exception.ForCallerOf("The pipe", cancellationToken);
        }
        finally
        {
            await cancellationToken.LeaveCancelAsync();
        }
    }

    // Before bytes are passed on that are consumed afterwards: if the writer to which a view copies throws, the destination does not have them either, and the
    // next copy passes them on once.
    internal void CopyAhead(long count) => _slice?.CopyAhead(count);

    private ReadOnlyMemory<byte> FirstPiece(long limit)
    {
        ReadOnlyMemory<byte> first = Buffered.First;
        return first[..(int)Math.Min(first.Length, limit)];
    }

    // Waits until the buffer has bytes (true) or the stream has ended (false).
    private ValueTask<bool> HasMoreAsync(CancellationToken cancellationToken) =>
        !Buffered.IsEmpty ? new ValueTask<bool>(true) : FillAsync(cancellationToken);

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        int filled;
        while ((filled = TryFill()) == IByteSource.WouldBlock)
        {
            ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
        }

        return filled > 0;
    }
}
