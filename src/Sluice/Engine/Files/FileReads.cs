using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Sluice.Scheduling;

namespace Sluice.Engine.Files;

/// <summary>
/// Reads from a file on the thread pool into a buffer of its own. A token ends the wait at once: a read itself cannot be ended where the
/// file's system hangs (FUSE, NFS), and goes on, with the buffer, after its caller has left.
/// </summary>
internal sealed class FileReads(int size) : IDisposable
{
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>Reads at most so many bytes: how many there were, 0 at the end.</summary>
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

    /// <summary>The bytes of the last read, which has returned <paramref name="count"/>.</summary>
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
