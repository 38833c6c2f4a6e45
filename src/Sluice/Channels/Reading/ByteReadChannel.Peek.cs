using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>How many bytes <see cref="PeekAsync"/> can show: 1 MiB.</summary>
    public const int MaxPeek = 1024 * 1024;

    /// <summary>Shows the next bytes and consumes none. Waits until they have come.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Just so many bytes, or fewer if the stream ends. The buffer itself: valid until the next read begins, or the connection
    /// is disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or more than <see cref="MaxPeek"/>.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<ReadOnlySequence<byte>> PeekAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxPeek);
        return RunAsync<PeekOperation, ReadOnlySequence<byte>>(new PeekOperation(count), cancellationToken);
    }

    /// <summary>Drops bytes, at most so many, as they come.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait. What was skipped until then stays skipped.</param>
    /// <returns>How many were dropped: fewer if the stream ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> SkipAsync(long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RunAsync<SkipOperation, long>(new SkipOperation(count, exactly: false), cancellationToken);
    }

    /// <summary>Drops just so many bytes, as they come.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait. What was skipped until then stays skipped.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes there were.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> SkipExactlyAsync(long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RunAsync<SkipOperation, long>(new SkipOperation(count, exactly: true), cancellationToken);
    }

    /// <summary>Drops <paramref name="bytes"/> if they come next. Waits only as long as what has come is how they begin.</summary>
    /// <param name="bytes">What to look for, at most <see cref="MaxPeek"/> bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether they came. If not, or if the stream ended first, nothing was consumed.</returns>
    /// <exception cref="ArgumentException">There are too many of them.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> SkipIfFoundAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (bytes.Length > MaxPeek)
        {
            throw new ArgumentException($"There are {bytes.Length} bytes; at most {MaxPeek} can be looked for.", nameof(bytes));
        }

        return RunAsync<SkipIfFoundOperation, bool>(new SkipIfFoundOperation(bytes), cancellationToken);
    }

    /// <summary>Whether the stream ends here. Waits until a byte has come, or the end.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True at the end of the stream; false if there is something to read.</returns>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> IsExhaustedAsync(CancellationToken cancellationToken = default) =>
        RunAsync<ExhaustedOperation, bool>(default, cancellationToken);
}
