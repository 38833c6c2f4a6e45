using System.Buffers;
using System.Text;

namespace Sluice.Channels.Adapters;

/// <summary>Presents a channel as a <see cref="TextWriter"/>. When a call returns, its text is in the channel.</summary>
internal sealed class ChannelTextWriter : TextWriter
{
    // The largest number of characters encoded at once.
    private const int Piece = 1024;

    private readonly ByteWriteChannel _channel;
    private readonly Encoder _encoder;
    private readonly char[] _one = new char[1];
    private bool _disposed;

    public ChannelTextWriter(ByteWriteChannel channel, Encoding encoding)
        : base(System.Globalization.CultureInfo.InvariantCulture)
    {
        _channel = channel;
        _encoder = encoding.GetEncoder();
        Encoding = encoding;

        // The property, not CoreNewLine: its setter keeps the string and the array of TextWriter equal.
        NewLine = channel.NewLine;
    }

    public override Encoding Encoding { get; }

    public override void Write(char value) => Encode([value]);

    public override void Write(char[] buffer, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Encode(buffer.AsSpan(index, count));
    }

    public override void Write(ReadOnlySpan<char> buffer) => Encode(buffer);

    public override void Write(string? value) => Encode(value);

    // One write: with two, auto-flush would send the end of the line in a packet of its own.
    public override void WriteLine(string? value) => Encode(value + NewLine);

    public override Task WriteAsync(char value)
    {
        _one[0] = value;
        return EncodeAsync(_one, CancellationToken.None);
    }

    public override Task WriteAsync(string? value) => EncodeAsync(value.AsMemory(), CancellationToken.None);

    public override Task WriteAsync(char[] buffer, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return EncodeAsync(buffer.AsMemory(index, count), CancellationToken.None);
    }

    public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default) => EncodeAsync(buffer, cancellationToken);

    public override Task WriteLineAsync() => WriteAsync(CoreNewLine, 0, CoreNewLine.Length);

    public override Task WriteLineAsync(char value) => WriteLineAsync(value.ToString());

    public override Task WriteLineAsync(string? value) => WriteAsync(value + NewLine);

    public override async Task WriteLineAsync(char[] buffer, int index, int count)
    {
        await WriteAsync(buffer, index, count).ConfigureAwait(false);
        await WriteLineAsync().ConfigureAwait(false);
    }

    public override async Task WriteLineAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
    {
        await WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        await WriteAsync(CoreNewLine.AsMemory(), cancellationToken).ConfigureAwait(false);
    }

    // As StreamWriter does, a flush ends what the encoder has begun: a shift state, or the first half of a surrogate pair.
    public override void Flush()
    {
        byte[] end = EncodeEnd();
        if (end.Length > 0)
        {
            _channel.WriteBlocking(end, Timeout.InfiniteTimeSpan);
        }

        _channel.FlushBlocking(Timeout.InfiniteTimeSpan);
    }

    public override Task FlushAsync() => FlushAsync(CancellationToken.None);

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        byte[] end = EncodeEnd();
        return end.Length == 0 ? _channel.FlushAsync(cancellationToken).AsTask() : WriteAndFlushAsync(end, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await _channel.FlushQuietlyAsync(EncodeEnd()).ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            BlockedThread.Until(_channel.FlushQuietlyAsync(EncodeEnd()));
        }

        base.Dispose(disposing);
    }

    // The bytes that end the text so far. Most encodings have none.
    private byte[] EncodeEnd()
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Encoding.GetMaxByteCount(2));
        try
        {
            return rented[.._encoder.GetBytes([], rented, flush: true)];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private async Task WriteAndFlushAsync(byte[] end, CancellationToken cancellationToken)
    {
        await _channel.WriteAsync(end, cancellationToken).ConfigureAwait(false);
        await _channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Encode(ReadOnlySpan<char> text)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Encoding.GetMaxByteCount(Math.Min(text.Length, Piece) + 1));
        try
        {
            while (!text.IsEmpty)
            {
                ReadOnlySpan<char> piece = text[..Math.Min(text.Length, Piece)];
                int count = _encoder.GetBytes(piece, rented, flush: false);
                _channel.WriteBlocking(rented.AsSpan(0, count), Timeout.InfiniteTimeSpan);
                text = text[piece.Length..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // The encoder keeps the first half of a surrogate pair until the second half comes.
    private async Task EncodeAsync(ReadOnlyMemory<char> text, CancellationToken cancellationToken)
    {
        while (!text.IsEmpty)
        {
            // Before the encoder takes the text: it would go on as if that were written.
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlyMemory<char> piece = text[..Math.Min(text.Length, Piece)];
            byte[] rented = ArrayPool<byte>.Shared.Rent(Encoding.GetMaxByteCount(piece.Length + 1));
            try
            {
                int count = _encoder.GetBytes(piece.Span, rented, flush: false);
                await _channel.WriteAsync(rented.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            text = text[piece.Length..];
        }
    }
}
