using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    // What one write may have on its way: on a fast network others have their turn in between.
    private const int FilePiece = 256 * 1024;

    /// <summary>
    /// Sends a file, from its beginning to the end it has now. What was written before leaves first. Suspends while the peer takes nothing,
    /// and completes when the kernel has taken all of it.
    /// </summary>
    /// <remarks>
    /// On a socket of the epoll engine it goes from the page cache to the socket (sendfile(2)) and never comes to this process's memory.
    /// </remarks>
    /// <param name="path">Which file.</param>
    /// <param name="cancellationToken">Ends the sending. At most 256 KiB of the file stay on their way.</param>
    /// <exception cref="EndOfStreamException">The file became shorter meanwhile.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">
    /// The file cannot be read, the peer reset, the network failed, or the socket timeout passed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public async ValueTask SendFileAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        cancellationToken.ThrowIfCancellationRequested();
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        await SendFileAsync(file, 0, RandomAccess.GetLength(file), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends part of a file, as <see cref="SendFileAsync(string, CancellationToken)"/>.</summary>
    /// <param name="file">An open file in which one can seek. Its position is neither used nor changed.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How many bytes it has.</param>
    /// <param name="cancellationToken">Ends the sending. At most 256 KiB of the file stay on their way.</param>
    /// <exception cref="ArgumentOutOfRangeException">Offset or count is negative.</exception>
    /// <exception cref="EndOfStreamException">The file ended first. What it had is sent.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">
    /// The file cannot be read, the peer reset, the network failed, or the socket timeout passed.
    /// </exception>
    /// <exception cref="NotSupportedException">One cannot seek in the file.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed, the channel is completed, or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask SendFileAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        BeginCopy();
        return SendFileSlowAsync(file, offset, count, cancellationToken);
    }

    /// <summary>Part of a file, to be sent from where it is; null if that cannot be done.</summary>
    private protected virtual IForeignBytes? OpenFile(SafeFileHandle file, long offset, long count) => null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendFileSlowAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken)
    {
        try
        {
            // Where there is none to seek in, this says so.
            _ = RandomAccess.GetLength(file);
            long sent = 0;
            long piece;
            do
            {
                piece = await SendPieceAsync(file, offset + sent, Math.Min(count - sent, FilePiece), cancellationToken).ConfigureAwait(false);
                sent += piece;
            }
            while (piece == FilePiece);

            // Short, or unreadable: to read it says what is wrong, or does what the kernel could not.
            if (sent < count)
            {
                await CopyFileAsync(file, offset + sent, count - sent, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            EndCopy();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> SendPieceAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken)
    {
        if (count == 0 || OpenFile(file, offset, count) is not { } piece)
        {
            return 0;
        }

        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            await SendAsync(piece, cancellationToken).ConfigureAwait(false);
            return count - piece.Missing;
        }
        finally
        {
            Release(piece);
        }
    }

    private async ValueTask CopyFileAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HighWaterMark);
        try
        {
            for (long copied = 0; copied < count;)
            {
                int wanted = (int)Math.Min(count - copied, HighWaterMark);
                int read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, wanted), offset + copied, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new EndOfStreamException($"The file ended {count - copied} bytes short of what was to be sent.");
                }

                await AppendAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                copied += read;
            }

            await WaitForRoomAsync(HighWaterMark, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
