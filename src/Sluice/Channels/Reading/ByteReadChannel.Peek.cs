using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Represents the most bytes that <see cref="PeekAsync"/> returns: 1 MiB.</summary>
    public const int MaxPeek = 1024 * 1024;

    /// <summary>Returns the next bytes and consumes none. Waits until all of them have come.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A view of the buffer that is valid until the next read begins or the connection is disposed of. It has fewer bytes if the
    /// stream ends.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or more than <see cref="MaxPeek"/>.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<ReadOnlySequence<byte>> PeekAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxPeek);
        return RunAsync<PeekOperation, ReadOnlySequence<byte>>(new PeekOperation(count), cancellationToken);
    }

    /// <summary>Skips up to <paramref name="count"/> bytes, as they come.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes skipped until then stay skipped.</param>
    /// <returns>How many bytes were skipped: fewer if the stream ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> SkipAsync(long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RunAsync<SkipOperation, long>(new SkipOperation(count, exactly: false), cancellationToken);
    }

    /// <summary>Skips exactly <paramref name="count"/> bytes, as they come.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes skipped until then stay skipped.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> SkipExactlyAsync(long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RunAsync<SkipOperation, long>(new SkipOperation(count, exactly: true), cancellationToken);
    }

    /// <summary>Skips <paramref name="bytes"/> if they come next. Waits only while the bytes that have come are a prefix of them.</summary>
    /// <param name="bytes">The bytes to look for, at most <see cref="MaxPeek"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if they came; otherwise, or if the stream ended first, false, and nothing was consumed.</returns>
    /// <exception cref="ArgumentException">There are more than <see cref="MaxPeek"/> bytes.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> SkipIfFoundAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (bytes.Length > MaxPeek)
        {
            throw new ArgumentException($"There are {bytes.Length} bytes; at most {MaxPeek} can be looked for.", nameof(bytes));
        }

        return RunAsync<SkipIfFoundOperation, bool>(new SkipIfFoundOperation(bytes), cancellationToken);
    }

    /// <summary>Determines whether the stream has no more bytes. Waits for a byte or the end of the stream.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True at the end of the stream; false if there is a byte to read.</returns>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> IsExhaustedAsync(CancellationToken cancellationToken = default) =>
        RunAsync<ExhaustedOperation, bool>(default, cancellationToken);
}
