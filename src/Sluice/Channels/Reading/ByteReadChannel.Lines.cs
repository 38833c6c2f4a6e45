using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>
    /// Reads a line in UTF-8 that ends with LF or CR LF and has at most <see cref="LineReadOptions.DefaultMaxLength"/> bytes.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. Half a line that has come stays for the next read.</param>
    /// <returns>The line without its ending, or null at the end of the stream. A last line that has no ending is returned too.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken = default) => ReadLineAsync(LineReadOptions.Default, cancellationToken);

    /// <summary>Reads a line.</summary>
    /// <param name="options">Encoding, ending and limit.</param>
    /// <param name="cancellationToken">Ends the wait. Half a line that has come stays for the next read.</param>
    /// <returns>The line without its ending, or null at the end of the stream. A last line that has no ending is returned too.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="EndOfStreamException">The last line has no ending, and has to: <see cref="LineReadOptions.RequireEnding"/>. Nothing
    /// of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<string?> ReadLineAsync(LineReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync<LineOperation<string, StringProjection>, string?>(new(options, new StringProjection(options.Encoding)), cancellationToken);
    }

    /// <summary>Reads a line into <paramref name="destination"/>, and makes no string of it.</summary>
    /// <param name="destination">Where the line is put, without its ending, once it is all there.</param>
    /// <param name="options">Encoding, ending and limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <param name="cancellationToken">Ends the wait. Half a line that has come stays for the next read.</param>
    /// <returns>Whether there was one; false at the end of the stream.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="EndOfStreamException">The last line has no ending, and has to: <see cref="LineReadOptions.RequireEnding"/>. Nothing
    /// of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> ReadLineAsync(
        IBufferWriter<char> destination, LineReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        options ??= LineReadOptions.Default;
        return RunAsync<LineOperation<bool, CharsProjection>, bool>(new(options, new CharsProjection(options.Encoding, destination)), cancellationToken);
    }

    /// <summary>Reads a line as bytes, without a copy.</summary>
    /// <param name="options">Encoding (of the ending), ending and limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <param name="cancellationToken">Ends the wait. Half a line that has come stays for the next read.</param>
    /// <returns>The line without its ending, or null at the end of the stream. The buffer itself: valid until the next read
    /// begins, or the connection is disposed of.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="EndOfStreamException">The last line has no ending, and has to: <see cref="LineReadOptions.RequireEnding"/>. Nothing
    /// of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<ReadOnlySequence<byte>?> ReadLineBytesAsync(LineReadOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync<LineOperation<ReadOnlySequence<byte>?, SequenceProjection>, ReadOnlySequence<byte>?>(new(options ?? LineReadOptions.Default, default), cancellationToken);

    /// <summary>Reads lines until the end of the stream.</summary>
    /// <param name="options">Encoding, ending and limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The lines, each read when it is asked for. Fails as <see cref="ReadLineAsync(LineReadOptions, CancellationToken)"/>
    /// does.</returns>
    public async IAsyncEnumerable<string> ReadLinesAsync(
        LineReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= LineReadOptions.Default;
        while (await ReadLineAsync(options, cancellationToken).ConfigureAwait(false) is { } line)
        {
            yield return line;
        }
    }
}
