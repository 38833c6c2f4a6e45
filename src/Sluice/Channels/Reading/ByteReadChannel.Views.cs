using System.Buffers;
using System.IO.Pipelines;
using Sluice.Channels.Adapters;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    private static readonly LineReadOptions s_textLines = new() { Ending = LineEnding.Lenient };

    // Set by the owner of the channel, who also asks for the view.
    private ChannelPipeReader? _pipeReader;

    /// <summary>
    /// Gets this channel as a <see cref="PipeReader"/>, over the same buffer. From a read until its <c>AdvanceTo</c>, no other read is possible.
    /// A read that <see cref="PipeReader.CancelPendingRead"/> has ended needs no <c>AdvanceTo</c> before the next one. Completing the pipe reader
    /// ends reading for good.
    /// </summary>
    /// <returns>The same object each time.</returns>
    public PipeReader AsPipeReader() => _pipeReader ??= new ChannelPipeReader(this);

    /// <summary>
    /// Creates a readable <see cref="Stream"/> over this channel and its buffer. Disposing of it leaves the channel open. Its synchronous
    /// methods block the thread, for at most <see cref="Stream.ReadTimeout"/>.
    /// </summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ChannelStream(this, output: null, owned: null);

    /// <summary>
    /// Creates a <see cref="TextReader"/> over this channel and its buffer. It consumes only the bytes of the characters read through it, so
    /// that bytes and text can be read in turn. Disposing of it leaves the channel open.
    /// </summary>
    /// <param name="options">
    /// The encoding, which must not have shift states; whether a byte order mark is skipped; the ending and the limit of lines. Null for UTF-8
    /// and lines that end with LF, CR LF or CR, as those of .NET's text readers do, and have at most <see cref="LineReadOptions.DefaultMaxLength"/>
    /// bytes.
    /// </param>
    /// <returns>A new reader. Reading to the end has no limit.</returns>
    public TextReader AsTextReader(LineReadOptions? options = null) => new ChannelTextReader(this, options ?? s_textLines);

    /// <summary>
    /// Creates a view of this channel that ends after <paramref name="count"/> bytes, for a body of known length. The view reads from the same
    /// buffer, and consumes nothing beyond its end. Between two reads of the view, and after its end, this channel goes on where the view stopped.
    /// </summary>
    /// <param name="count">The number of bytes after which the view ends. It ends earlier if this channel does.</param>
    /// <returns>The view. Its <see cref="TotalBytesRead"/> counts the bytes read through it. Cancelling it leaves this channel open.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ByteReadChannel AsLimited(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new ByteReadChannel(new Slice(this, count, copy: null), _queue);
    }

    /// <summary>
    /// Creates a view of this channel whose <see cref="TotalBytesRead"/> starts at 0. The view reads from the same buffer. Between two reads,
    /// either of them can be used.
    /// </summary>
    /// <returns>The view. Cancelling it leaves this channel open.</returns>
    public ByteReadChannel AsCounted() => new(new Slice(this, long.MaxValue, copy: null), _queue);

    /// <summary>
    /// Creates a view of this channel that copies each byte read through it to <paramref name="copy"/>, once, when the byte is consumed. Bytes
    /// that a failed read puts back are copied once as well. If <paramref name="copy"/> throws, the read fails, and consumes nothing that the copy lacks.
    /// </summary>
    /// <param name="copy">
    /// Receives the copy: a <see cref="PipeWriter"/>, which is not flushed, an <see cref="ArrayBufferWriter{T}"/>, or another writer.
    /// </param>
    /// <returns>The view. It reads from the same buffer. Cancelling it leaves this channel open.</returns>
    public ByteReadChannel AsTee(IBufferWriter<byte> copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        return new ByteReadChannel(new Slice(this, long.MaxValue, copy), _queue);
    }

    internal ValueTask<int> ReadCharsAsync(
        LineReadOptions options, CharDecoder decoder, Memory<char> destination, bool peek, CancellationToken cancellationToken) =>
        RunAsync<CharsOperation, int>(new CharsOperation(options, decoder, destination, peek), cancellationToken);
}
