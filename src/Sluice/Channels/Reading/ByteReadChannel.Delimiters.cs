using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    // One byte as memory, without an array each time.
    private static readonly byte[] s_everyByte = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    /// <summary>Reads up to a byte, which is consumed and not copied.</summary>
    /// <inheritdoc cref="ReadUntilAsync(ReadOnlyMemory{byte}, IBufferWriter{byte}, int, CancellationToken)"/>
    public ValueTask<bool> ReadUntilAsync(byte delimiter, IBufferWriter<byte> destination, int limit, CancellationToken cancellationToken = default) =>
        ReadUntilAsync(s_everyByte.AsMemory(delimiter, 1), destination, limit, cancellationToken);

    /// <summary>Reads up to a sequence of bytes, which is consumed and not copied.</summary>
    /// <param name="delimiter">What to look for.</param>
    /// <param name="destination">Where what comes before it is put, once it is all there.</param>
    /// <param name="limit">How many bytes may come before it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True if the delimiter came; false if the stream ended before a byte did.</returns>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">More bytes come before it. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended before the delimiter. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> ReadUntilAsync(
        ReadOnlyMemory<byte> delimiter, IBufferWriter<byte> destination, int limit, CancellationToken cancellationToken = default)
    {
        Delimiter.ThrowIfEmpty(delimiter);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RunAsync<UntilOperation, bool>(new UntilOperation(delimiter, destination, limit), cancellationToken);
    }
}
