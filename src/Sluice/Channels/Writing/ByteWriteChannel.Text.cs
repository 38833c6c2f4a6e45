using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    // Up to so many bytes, to put them together on the stack costs less than to ask for room and then say how much of it was used.
    private const int ShortText = 1024;

    /// <summary>
    /// What <see cref="WriteLineAsync(string, CancellationToken)"/> puts behind a line. Default: CR LF, as the Internet's line protocols
    /// have it.
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
    /// <param name="encoding">How it becomes bytes. No preamble is written.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask WriteStringAsync(string text, Encoding encoding, CancellationToken cancellationToken = default) =>
        WriteTextAsync(text, string.Empty, encoding, cancellationToken);

    /// <summary>Writes a line in UTF-8, and <see cref="NewLine"/> behind it, in one piece.</summary>
    /// <inheritdoc cref="WriteLineAsync(string, Encoding, CancellationToken)"/>
    public ValueTask WriteLineAsync(string line, CancellationToken cancellationToken = default) =>
        WriteTextAsync(line, NewLine, Encoding.UTF8, cancellationToken);

    /// <summary>Writes a line, and <see cref="NewLine"/> behind it, in one piece.</summary>
    /// <param name="line">The line without its ending.</param>
    /// <param name="encoding">How it becomes bytes. No preamble is written.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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

        Begin();
        bool pending = false;
        try
        {
            ThrowIfUnusable();
            int size = checked(encoding.GetByteCount(text) + encoding.GetByteCount(ending));
            if (TryLease(size, out Memory<byte> memory))
            {
                AppendText(text, ending, encoding, memory.Span);
                return ValueTask.CompletedTask;
            }

            byte[] rented = ArrayPool<byte>.Shared.Rent(size);
            int length = encoding.GetBytes(text, rented);
            length += encoding.GetBytes(ending, rented.AsSpan(length));
            pending = true;
            return WriteSlowAsync(rented.AsMemory(0, length), rented, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                End();
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
            Advance(count, AutoFlush);
        }
    }
}
