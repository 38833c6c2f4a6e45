using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Channels;

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
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<string?> ReadLineAsync(LineReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<string?>(cancellationToken);
        }

        Begin();
        bool pending = false;
        try
        {
            if (_skipLineFeed is null && TryTakeLine(options, 0, out string? line))
            {
                return new ValueTask<string?>(line);
            }

            pending = true;
        }
        finally
        {
            if (!pending)
            {
                End();
            }
        }

        return ReadLineSlowAsync(options, cancellationToken);
    }

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

    private bool TryTakeLine(LineReadOptions options, long scanned, out string? line)
    {
        ReadOnlySequence<byte> buffered = Buffered;
        LineScanner scanner = options.Scanner;
        if (scanner.TryFind(buffered, scanned, out long length, out long consumed, out bool openReturn))
        {
            if (length > options.MaxLength)
            {
                throw new LineTooLongException(options.MaxLength);
            }

            line = Decode(options.Encoding, buffered.Slice(0, length));
            Consume(consumed);
            _skipLineFeed = openReturn ? scanner : null;
            return true;
        }

        if (scanner.IsOver(buffered, options.MaxLength))
        {
            throw new LineTooLongException(options.MaxLength);
        }

        line = null;
        return false;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<string?> ReadLineSlowAsync(LineReadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            // Everything up to here is known to hold no ending. Whole characters only: the last one may be incomplete.
            int unit = options.Scanner.Unit;
            long scanned = _skipLineFeed is null ? Buffered.Length / unit * unit : 0;
            while (true)
            {
                int filled = TryFill();
                if (filled > 0)
                {
                    if (TryTakeLine(options, scanned, out string? line))
                    {
                        return line;
                    }

                    scanned = Buffered.Length / unit * unit;
                }
                else if (filled == 0)
                {
                    return TakeRest(options);
                }
                else
                {
                    ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
                }
            }
        }
        finally
        {
            End();
        }
    }

    private string? TakeRest(LineReadOptions options)
    {
        ReadOnlySequence<byte> rest = Buffered;
        if (rest.IsEmpty)
        {
            return null;
        }

        if (rest.Length > options.MaxLength)
        {
            throw new LineTooLongException(options.MaxLength);
        }

        string line = Decode(options.Encoding, rest);
        Consume(rest.Length);
        return line;
    }

    private static string Decode(Encoding encoding, in ReadOnlySequence<byte> bytes) =>
        bytes.IsSingleSegment ? encoding.GetString(bytes.FirstSpan) : EncodingExtensions.GetString(encoding, bytes);
}
