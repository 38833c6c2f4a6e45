using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Sluice.Scheduling;

namespace Sluice.Engine.Files;

/// <summary>
/// Reads from a file on the thread pool into a buffer of its own. A token ends the wait at once, but not the read: that goes on, with the buffer,
/// until the file system answers, which may hang (FUSE, NFS).
/// </summary>
internal sealed class FileReads(int size) : IDisposable
{
    // Of the reader, of which there is one at a time. Null once it is disposed of, or left to a read that goes on.
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>Reads at most <paramref name="count"/> bytes. Returns how many; 0 at the end of the file.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled. No further read is possible.</exception>
    public async ValueTask<int> ReadAsync(SafeFileHandle file, int count, long offset, CancellationToken cancellationToken)
    {
        ValueTask<int> read = RandomAccess.ReadAsync(file, _buffer.AsMemory(0, count), offset, cancellationToken);
        if (!cancellationToken.CanBeCanceled)
        {
            return await read.ConfigureAwait(false);
        }

        Task<int> reading = read.AsTask();
        try
        {
            return await reading.EndOrCancelAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!reading.IsCompleted)
        {
            _buffer = null;
            _ = ObserveAsync(reading);
            throw;
        }
    }

    /// <summary>Gets the bytes of the last read, which has returned <paramref name="count"/>.</summary>
    public ReadOnlyMemory<byte> Bytes(int count) => _buffer.AsMemory(0, count);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task ObserveAsync(Task reading) => await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
