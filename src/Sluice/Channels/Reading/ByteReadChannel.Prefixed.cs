using System.Text;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Reads a length and as many bytes.</summary>
    /// <param name="prefix">The format of the length.</param>
    /// <param name="limit">The most bytes to accept, without the length itself. They are buffered until the last one has come.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">The length exceeds the limit. Nothing was consumed.</exception>
    /// <exception cref="InvalidDataException">The length is malformed. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte[]> ReadPrefixedBytesAsync(LengthPrefix prefix, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RunAsync<PrefixedOperation<byte[], ArrayProjection>, byte[]>(new(prefix, limit, default), cancellationToken);
    }

    /// <summary>Reads a length and a text in UTF-8 of as many bytes.</summary>
    /// <inheritdoc cref="ReadPrefixedStringAsync(LengthPrefix, int, Encoding, CancellationToken)"/>
    public ValueTask<string> ReadPrefixedStringAsync(LengthPrefix prefix, int limit, CancellationToken cancellationToken = default) =>
        ReadPrefixedStringAsync(prefix, limit, Encoding.UTF8, cancellationToken);

    /// <summary>Reads a length and a text of as many bytes.</summary>
    /// <param name="prefix">The format of the length, which counts bytes.</param>
    /// <param name="limit">The most bytes to accept, without the length itself. They are buffered until the last one has come.</param>
    /// <param name="encoding">The encoding of the text.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">The length exceeds the limit. Nothing was consumed.</exception>
    /// <exception cref="InvalidDataException">The length is malformed. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
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
