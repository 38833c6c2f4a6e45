using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    // Holds every byte once: a slice of it is one byte as memory, without an allocation.
    private static readonly byte[] s_everyByte = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    /// <summary>Reads up to a delimiter of one byte, which is consumed and not copied.</summary>
    /// <inheritdoc cref="ReadUntilAsync(ReadOnlyMemory{byte}, IBufferWriter{byte}, int, CancellationToken)"/>
    public ValueTask<bool> ReadUntilAsync(byte delimiter, IBufferWriter<byte> destination, int limit, CancellationToken cancellationToken = default) =>
        ReadUntilAsync(s_everyByte.AsMemory(delimiter, 1), destination, limit, cancellationToken);

    /// <summary>Reads up to a delimiter, which is consumed and not copied.</summary>
    /// <param name="delimiter">The bytes to look for.</param>
    /// <param name="destination">Receives the bytes before the delimiter, once the delimiter has come.</param>
    /// <param name="limit">The most bytes that may come before the delimiter.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the delimiter came; false if the stream has ended and no byte was left.</returns>
    /// <exception cref="ArgumentException">The delimiter is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">More bytes come before the delimiter. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended before the delimiter. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
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
