using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Files;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    // The most bytes of one write. Between two of them the loop serves other connections.
    private const int FilePiece = 256 * 1024;

    /// <summary>
    /// Sends a file, from its beginning to its current end, after the bytes that were written before. Waits while the peer accepts no bytes and while
    /// the file is read from a disk. Completes when the kernel has accepted all bytes.
    /// </summary>
    /// <remarks>
    /// <para>
    /// On a socket of the epoll engine the kernel sends a plain file from the page cache (sendfile(2)), without a copy in this process. A thread of the
    /// pool first reads a part that is not in the page cache, 256 KiB at a time, so that no loop waits for a disk. The exception is a file that this
    /// process neither owns nor may write, on a file system that does not report which parts are in memory (overlayfs, NFS).
    /// </para>
    /// <para>
    /// Any kind of file can be sent. A file with a length of 0, such as those of <c>/proc</c>, is read to its end, and so is a block device. On Linux and
    /// macOS a FIFO is sent until its last writer has closed it, and a terminal or another device until its end, which may never come. No thread waits to
    /// open one or for its bytes. Other systems refuse a file in which one cannot seek.
    /// </para>
    /// </remarks>
    /// <param name="path">The path of the file.</param>
    /// <param name="cancellationToken">Ends the sending, also during a wait for the file. At most 256 KiB of the file are sent after that.</param>
    /// <exception cref="ArgumentException">The path is empty or contains a NUL.</exception>
    /// <exception cref="EndOfStreamException">The file became shorter during the call.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">
    /// The file cannot be read, for example because it is a socket; the peer reset, the network failed, or the socket timeout passed.
    /// </exception>
    /// <exception cref="NotSupportedException">One cannot seek in the file, and the system has no way to wait for it.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket is closed, before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public async ValueTask SendFileAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            // The system would open the file whose name is the part before it.
            throw new ArgumentException("The path of a file cannot contain a NUL.", nameof(path));
        }

        cancellationToken.ThrowIfCancellationRequested();

        // open(2) waits for a writer of a FIFO (fifo(7)), so this opens it without blocking.
        if (FileKinds.Of(path) is FileKind.Fifo or FileKind.CharacterDevice)
        {
            using var waitable = WaitableFile.Open(path);
            BeginWrite();
            await CopyWaitableAsync(waitable, cancellationToken).ConfigureAwait(false);
            return;
        }

        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        long length = RandomAccess.GetLength(file);
        BeginWrite();
        await SendFileSlowAsync(file, 0, length, isWhole: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends part of a file, as <see cref="SendFileAsync(string, CancellationToken)"/> does.</summary>
    /// <param name="file">An open file in which one can seek. Its position is neither used nor changed.</param>
    /// <param name="offset">The offset of the part in the file.</param>
    /// <param name="count">The number of bytes in the part.</param>
    /// <param name="cancellationToken">Ends the sending, also during a wait for the file. At most 256 KiB of the file are sent after that.</param>
    /// <exception cref="ArgumentOutOfRangeException">Offset or count is negative.</exception>
    /// <exception cref="EndOfStreamException">The file ended before the part did. The bytes up to its end are sent.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">
    /// The file cannot be read, the peer reset, the network failed, or the socket timeout passed.
    /// </exception>
    /// <exception cref="NotSupportedException">One cannot seek in the file.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed, the channel is completed or the socket is closed, before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask SendFileAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        BeginWrite();
        return SendFileSlowAsync(file, offset, count, isWhole: false, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask SendFileSlowAsync(SafeFileHandle file, long offset, long count, bool isWhole, CancellationToken cancellationToken)
    {
        long before = _queue.Written;
        try
        {
            // Throws if one cannot seek in the file.
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

            // The kernel sent less. Reading the rest finds the cause, or succeeds where sendfile(2) does not. A file with a length of 0 may have bytes.
            if (sent < count || (isWhole && count == 0))
            {
                await CopyFileAsync(file, offset + sent, count - sent, isWhole, cancellationToken).ConfigureAwait(false);
            }
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

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<long> SendPieceAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken)
    {
        if (count == 0 || _queue.Sink.OpenFile(file, offset, count) is not { } piece)
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

    // Reads a part into the page cache, on the pool.
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
            // The send fails in the same way, and reports it.
        }
    }

    private async ValueTask CopyFileAsync(SafeFileHandle file, long offset, long count, bool isWhole, CancellationToken cancellationToken)
    {
        // Files of /proc have a length of 0, and those of /sys a length of one page.
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

                throw new EndOfStreamException($"The file ended {left} bytes before the end of the part that was to be sent.");
            }

            await AppendAsync(reads.Bytes(read), begun: false, cancellationToken).ConfigureAwait(false);
            offset += read;
            left -= read;
        }

        await WaitForRoomAsync(HighWaterMark, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CopyWaitableAsync(WaitableFile file, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HighWaterMark);
        long before = _queue.Written;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!file.TryRead(buffer.AsSpan(0, HighWaterMark), out int read))
                {
                    // Sends the bytes so far before it waits for more.
                    SendNow();
                    read = await file.ReadAsync(buffer.AsMemory(0, HighWaterMark), cancellationToken).ConfigureAwait(false);
                }

                if (read == 0)
                {
                    break;
                }

                await AppendAsync(buffer.AsMemory(0, read), begun: false, cancellationToken).ConfigureAwait(false);
            }

            await WaitForRoomAsync(HighWaterMark, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            EndMessagesIfBegun(before);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            EndWrite();
        }
    }
}
