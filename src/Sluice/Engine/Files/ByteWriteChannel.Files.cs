using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Files;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    // What one write may have on its way: on a fast network others have their turn in between.
    private const int FilePiece = 256 * 1024;

    /// <summary>
    /// Sends a file, from its beginning to the end it has now. What was written before leaves first. Suspends while the peer takes nothing,
    /// while the file's bytes come from a disk, and completes when the kernel has taken all of it.
    /// </summary>
    /// <remarks>
    /// <para>
    /// On a socket of the epoll engine a plain file goes from the page cache to the socket (sendfile(2)) and never comes to this process's
    /// memory. A thread of the pool first reads a piece that is not in the page cache, 256 KiB at a time, so that no loop waits for a disk. The
    /// exception is a file that this process neither owns nor may write, on a filesystem that does not tell what it has in memory (overlayfs,
    /// NFS).
    /// </para>
    /// <para>
    /// Any kind of file can be sent. One that says it is empty, such as those of <c>/proc</c>, is read to its end, and so is a block device. On
    /// Linux and macOS a FIFO is sent until all who write to it have closed it, a terminal or another device until its end, which may never
    /// come; to open one and to wait for its bytes blocks no thread. Other systems refuse a file that has no positions.
    /// </para>
    /// </remarks>
    /// <param name="path">Which file.</param>
    /// <param name="cancellationToken">Ends the sending, also while the file gives nothing. At most 256 KiB of the file stay on their way.</param>
    /// <exception cref="EndOfStreamException">The file became shorter meanwhile.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">
    /// The file cannot be read, as a socket; the peer reset, the network failed, or the socket timeout passed.
    /// </exception>
    /// <exception cref="NotSupportedException">One cannot seek in the file, and this system has no way to wait for it.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public async ValueTask SendFileAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        cancellationToken.ThrowIfCancellationRequested();

        // open(2) waits for a FIFO's writer: such a file is opened in another way.
        if (FileKinds.Of(path) is FileKind.Fifo or FileKind.CharacterDevice)
        {
            using var waitable = WaitableFile.Open(path);
            BeginCopy();
            await CopyWaitableAsync(waitable, cancellationToken).ConfigureAwait(false);
            return;
        }

        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        long length = RandomAccess.GetLength(file);
        BeginCopy();
        await SendFileSlowAsync(file, 0, length, isWhole: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends part of a file, as <see cref="SendFileAsync(string, CancellationToken)"/>.</summary>
    /// <param name="file">An open file in which one can seek. Its position is neither used nor changed.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How many bytes it has.</param>
    /// <param name="cancellationToken">Ends the sending, also while the file gives nothing. At most 256 KiB of the file stay on their way.</param>
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
        return SendFileSlowAsync(file, offset, count, isWhole: false, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendFileSlowAsync(SafeFileHandle file, long offset, long count, bool isWhole, CancellationToken cancellationToken)
    {
        try
        {
            // Where there is none to seek in, this says so.
            _ = RandomAccess.GetLength(file);
            long sent = 0;
            if (count > 0 && FileKinds.Of(file) is FileKind.Regular or FileKind.BlockDevice or FileKind.Unknown)
            {
                long piece;
                do
                {
                    piece = await SendPieceAsync(file, offset + sent, Math.Min(count - sent, FilePiece), cancellationToken).ConfigureAwait(false);
                    sent += piece;
                }
                while (piece == FilePiece);
            }

            // Short or unreadable: reading it says what is wrong, or does what the kernel could not. A file that says it is empty may not be.
            if (sent < count || (isWhole && count == 0))
            {
                await CopyFileAsync(file, offset + sent, count - sent, isWhole, cancellationToken).ConfigureAwait(false);
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
            if (!piece.IsReady)
            {
                await BringToMemoryAsync(file, offset, (int)count, cancellationToken).ConfigureAwait(false);
            }

            await SendAsync(piece, cancellationToken).ConfigureAwait(false);
            return count - piece.Missing;
        }
        finally
        {
            Release(piece);
        }
    }

    // From the disk to the page cache, on the pool.
    private static async ValueTask BringToMemoryAsync(SafeFileHandle file, long offset, int count, CancellationToken cancellationToken)
    {
        using var reads = new FileReads(FilePiece);
        try
        {
            int read;
            do
            {
                read = await reads.ReadAsync(file, count, offset, cancellationToken).ConfigureAwait(false);
                offset += read;
                count -= read;
            }
            while (read > 0 && count > 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // Sending it finds the same, and says so.
        }
    }

    private async ValueTask CopyFileAsync(SafeFileHandle file, long offset, long count, bool isWhole, CancellationToken cancellationToken)
    {
        // Files of /proc say that they are empty, and those of /sys that they have a page.
        bool isLengthUnknown = isWhole && offset == 0 && count == 0;
        long left = isLengthUnknown ? long.MaxValue : count;
        using var reads = new FileReads(HighWaterMark);
        while (left > 0)
        {
            int wanted = (int)Math.Min(left, HighWaterMark);
            int read = await reads.ReadAsync(file, wanted, offset, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                if (isLengthUnknown || (isWhole && RandomAccess.GetLength(file) >= offset + left))
                {
                    break;
                }

                throw new EndOfStreamException($"The file ended {left} bytes short of what was to be sent.");
            }

            await AppendAsync(reads.Bytes(read), cancellationToken).ConfigureAwait(false);
            offset += read;
            left -= read;
        }

        await WaitForRoomAsync(HighWaterMark, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CopyWaitableAsync(WaitableFile file, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HighWaterMark);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!file.TryRead(buffer.AsSpan(0, HighWaterMark), out int read))
                {
                    // Send the bytes that came before waiting for more.
                    SendNow();
                    read = await file.ReadAsync(buffer.AsMemory(0, HighWaterMark), cancellationToken).ConfigureAwait(false);
                }

                if (read == 0)
                {
                    break;
                }

                await AppendAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            await WaitForRoomAsync(HighWaterMark, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            EndCopy();
        }
    }
}
