using System.Text;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>Reads a length, and so many bytes.</summary>
    /// <param name="prefix">How the length is written.</param>
    /// <param name="limit">How many bytes there may be, the length itself not counted. They are buffered until the last one has come.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">The length is more than the limit. Nothing was consumed.</exception>
    /// <exception cref="InvalidDataException">The length is not one. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes there were.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte[]> ReadPrefixedBytesAsync(LengthPrefix prefix, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RunAsync<PrefixedOperation<byte[], ArrayProjection>, byte[]>(new(prefix, limit, default), cancellationToken);
    }

    /// <summary>Reads a length, and a text of so many bytes in UTF-8.</summary>
    /// <inheritdoc cref="ReadPrefixedStringAsync(LengthPrefix, int, Encoding, CancellationToken)"/>
    public ValueTask<string> ReadPrefixedStringAsync(LengthPrefix prefix, int limit, CancellationToken cancellationToken = default) =>
        ReadPrefixedStringAsync(prefix, limit, Encoding.UTF8, cancellationToken);

    /// <summary>Reads a length, and a text of so many bytes.</summary>
    /// <param name="prefix">How the length is written. It counts bytes.</param>
    /// <param name="limit">How many bytes there may be, the length itself not counted. They are buffered until the last one has come.</param>
    /// <param name="encoding">How they become text.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">The length is more than the limit. Nothing was consumed.</exception>
    /// <exception cref="InvalidDataException">The length is not one. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes there were.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<string> ReadPrefixedStringAsync(
        LengthPrefix prefix, int limit, Encoding encoding, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(encoding);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RunAsync<PrefixedOperation<string, StringProjection>, string>(new(prefix, limit, new StringProjection(encoding)), cancellationToken);
    }
}
