using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>
    /// Reads a line in UTF-8 that ends with LF or CR LF and has at most <see cref="LineReadOptions.DefaultMaxLength"/> bytes.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait. The bytes received of a line stay for the next read.</param>
    /// <returns>The line without its ending, or null at the end of the stream. A last line without an ending is returned as well.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken = default) => ReadLineAsync(LineReadOptions.Default, cancellationToken);

    /// <summary>Reads a line.</summary>
    /// <param name="options">The encoding, the line ending and the limit.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes received of a line stay for the next read.</param>
    /// <returns>The line without its ending, or null at the end of the stream. A last line without an ending is returned as well.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="EndOfStreamException">The last line has no ending, and <see cref="LineReadOptions.RequireEnding"/> is set. Nothing
    /// of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<string?> ReadLineAsync(LineReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ReadLineAsync<string, StringProjection>(options, new StringProjection(options.Encoding), cancellationToken);
    }

    /// <summary>Reads a line into <paramref name="destination"/>, without a string.</summary>
    /// <param name="destination">Receives the line without its ending, once the whole line has come.</param>
    /// <param name="options">The encoding, the line ending and the limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes received of a line stay for the next read.</param>
    /// <returns>True for a line; false at the end of the stream.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="EndOfStreamException">The last line has no ending, and <see cref="LineReadOptions.RequireEnding"/> is set. Nothing
    /// of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> ReadLineAsync(
        IBufferWriter<char> destination, LineReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        options ??= LineReadOptions.Default;
        return ReadLineAsync<bool, CharsProjection>(options, new CharsProjection(options.Encoding, destination), cancellationToken);
    }

    /// <summary>Reads a line as bytes, without a copy.</summary>
    /// <param name="options">The encoding of the line ending, the line ending and the limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes received of a line stay for the next read.</param>
    /// <returns>The line without its ending, as a view of the buffer that is valid until the next read begins or the connection is disposed
    /// of; null at the end of the stream.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Nothing of it was consumed.</exception>
    /// <exception cref="EndOfStreamException">The last line has no ending, and <see cref="LineReadOptions.RequireEnding"/> is set. Nothing
    /// of it was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<ReadOnlySequence<byte>?> ReadLineBytesAsync(LineReadOptions? options = null, CancellationToken cancellationToken = default) =>
        ReadLineAsync<ReadOnlySequence<byte>?, SequenceProjection>(options ?? LineReadOptions.Default, default, cancellationToken);

    /// <summary>Reads lines until the end of the stream.</summary>
    /// <param name="options">The encoding, the line ending and the limit; null for <see cref="LineReadOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lines. Each is read when it is requested, and fails as <see cref="ReadLineAsync(LineReadOptions, CancellationToken)"/>
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

    private ValueTask<T?> ReadLineAsync<T, TProjection>(LineReadOptions options, TProjection projection, CancellationToken cancellationToken)
        where TProjection : struct, IBytesProjection<T>
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<T?>(cancellationToken);
        }

        // Before the read begins: the caller's encoding may throw.
        LineEndingFinder finder = options.EndingFinder;
        Begin();
        return TryReadFirstLine(finder, options.MaxLength, projection, out T? line)
            ? new ValueTask<T?>(line)
            : RunBegunAsync<LineOperation<T, TProjection>, T?>(new(options, projection), cancellationToken);
    }

    // A line that lies in the first segment of the buffer and needs no second look. If it is read, the read has ended.
    private bool TryReadFirstLine<T, TProjection>(LineEndingFinder finder, int maxLength, TProjection projection, out T? line)
        where TProjection : struct, IBytesProjection<T>
    {
        line = default;
        if (!IsPlain || TotalBytesRead == 0 || !finder.TryFind(_queue.FirstBytes, 0, out int length, out int consumed) || length > maxLength)
        {
            return false;
        }

        try
        {
            line = projection.Project(_queue.SliceFirst(length));
            if (TProjection.IsView)
            {
                Hold(consumed);
            }
            else
            {
                Consume(consumed);
            }
        }
        finally
        {
            End();
        }

        return true;
    }
}
