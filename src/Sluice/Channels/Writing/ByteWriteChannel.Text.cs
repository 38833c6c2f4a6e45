using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    // Up to this many bytes, encoding on the stack and copying costs less than leasing memory and committing it.
    private const int ShortText = 1024;

    /// <summary>
    /// Gets or sets the text that <see cref="WriteLineAsync(string, CancellationToken)"/> writes behind a line. Default: CR LF, the ending of the
    /// Internet's line protocols.
    /// </summary>
    public string NewLine
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = "\r\n";

    /// <summary>Writes text in UTF-8.</summary>
    /// <inheritdoc cref="WriteStringAsync(string, Encoding, CancellationToken)"/>
    public ValueTask WriteStringAsync(string text, CancellationToken cancellationToken = default) =>
        WriteTextAsync(text, string.Empty, Encoding.UTF8, cancellationToken);

    /// <summary>Writes text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="encoding">The encoding. No preamble is written.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WriteStringAsync(string text, Encoding encoding, CancellationToken cancellationToken = default) =>
        WriteTextAsync(text, string.Empty, encoding, cancellationToken);

    /// <summary>Writes a line in UTF-8, followed by <see cref="NewLine"/>, in one piece.</summary>
    /// <inheritdoc cref="WriteLineAsync(string, Encoding, CancellationToken)"/>
    public ValueTask WriteLineAsync(string line, CancellationToken cancellationToken = default) =>
        WriteTextAsync(line, NewLine, Encoding.UTF8, cancellationToken);

    /// <summary>Writes a line, followed by <see cref="NewLine"/>, in one piece.</summary>
    /// <param name="line">The line without its ending.</param>
    /// <param name="encoding">The encoding. No preamble is written.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WriteLineAsync(string line, Encoding encoding, CancellationToken cancellationToken = default) =>
        WriteTextAsync(line, NewLine, encoding, cancellationToken);

    private ValueTask WriteTextAsync(string text, string ending, Encoding encoding, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(encoding);
        int characters = text.Length + ending.Length;
        return characters <= ShortText && encoding.GetMaxByteCount(characters) <= ShortText
            ? WriteShortTextAsync(text, ending, encoding, cancellationToken)
            : WriteLongTextAsync(text, ending, encoding, cancellationToken);
    }

    [SkipLocalsInit]
    private ValueTask WriteShortTextAsync(string text, string ending, Encoding encoding, CancellationToken cancellationToken)
    {
        Span<byte> bytes = stackalloc byte[ShortText];
        int count = encoding.GetBytes(text, bytes);
        count += encoding.GetBytes(ending, bytes[count..]);
        return WriteSmallAsync(bytes[..count], cancellationToken);
    }

    private ValueTask WriteLongTextAsync(string text, string ending, Encoding encoding, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        BeginWrite();
        bool pending = false;
        try
        {
            int size = checked(encoding.GetByteCount(text) + encoding.GetByteCount(ending));
            if (_queue.TryLease(size, out Memory<byte> memory))
            {
                AppendText(text, ending, encoding, memory.Span);
                return ValueTask.CompletedTask;
            }

            byte[] rented = ArrayPool<byte>.Shared.Rent(size);
            int length = encoding.GetBytes(text, rented);
            length += encoding.GetBytes(ending, rented.AsSpan(length));
            pending = true;
            return WriteSlowAsync(rented.AsMemory(0, length), rented, begun: false, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                EndWrite();
            }
        }
    }

    private void AppendText(string text, string ending, Encoding encoding, Span<byte> destination)
    {
        int count = 0;
        try
        {
            int length = encoding.GetBytes(text, destination);
            count = length + encoding.GetBytes(ending, destination[length..]);
        }
        finally
        {
            _queue.Commit(count, AutoFlush);
        }
    }
}
