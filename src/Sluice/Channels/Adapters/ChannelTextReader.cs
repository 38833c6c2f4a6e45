#pragma warning disable RS0030 // The synchronous half of TextReader has to wait. A loop whose thread waits here continues on another thread.

using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice.Channels.Adapters;

/// <summary>
/// Presents a channel as a <see cref="TextReader"/>. Consumes the bytes of the characters that were read, and no more.
/// </summary>
internal sealed class ChannelTextReader : TextReader
{
    private const int Piece = 1024;

    private readonly ByteReadChannel _channel;
    private readonly LineReadOptions _options;
    private readonly CharDecoder _decoder;
    private readonly char[] _one = new char[1];

    public ChannelTextReader(ByteReadChannel channel, LineReadOptions options)
    {
        _channel = channel;
        _options = options;
        _decoder = new CharDecoder(options.Encoding);
    }

    // What the last character read did not have room for: the second half of a surrogate pair, or the end of a replacement of invalid bytes.
    private ReadOnlyMemory<char> Rest
    {
        get => _decoder.Rest;
        set => _decoder.Rest = value;
    }

    public override int Peek()
    {
        if (!Rest.IsEmpty)
        {
            return Rest.Span[0];
        }

        return PeekAsync().AsTask().GetAwaiter().GetResult() == 0 ? -1 : _one[0];
    }

    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override int Read(char[] buffer, int index, int count) => ReadAsync(buffer, index, count).GetAwaiter().GetResult();

    public override int Read(Span<char> buffer)
    {
        int most = Math.Min(buffer.Length, Piece);
        char[] rented = ArrayPool<char>.Shared.Rent(most);
        try
        {
            int count = Read(rented, 0, most);
            rented.AsSpan(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    public override int ReadBlock(char[] buffer, int index, int count) => ReadBlockAsync(buffer, index, count).GetAwaiter().GetResult();

    public override string? ReadLine() => ReadLineAsync().GetAwaiter().GetResult();

    public override string ReadToEnd() => ReadToEndAsync().GetAwaiter().GetResult();

    public override Task<int> ReadAsync(char[] buffer, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return ReadAsync(buffer.AsMemory(index, count)).AsTask();
    }

    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (!Rest.IsEmpty)
        {
            int count = Math.Min(Rest.Length, buffer.Length);
            Rest[..count].CopyTo(buffer);
            Rest = Rest[count..];
            return count;
        }

        try
        {
            return await _channel.ReadCharsAsync(_options, _decoder, buffer, peek: false, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Nothing was consumed.
            Rest = default;
            throw;
        }
    }

    public override Task<int> ReadBlockAsync(char[] buffer, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return ReadBlockAsync(buffer.AsMemory(index, count)).AsTask();
    }

    public override async ValueTask<int> ReadBlockAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        int done = 0;
        int count;
        do
        {
            count = await ReadAsync(buffer[done..], cancellationToken).ConfigureAwait(false);
            done += count;
        }
        while (count > 0);

        return done;
    }

    public override Task<string?> ReadLineAsync() => ReadLineAsync(CancellationToken.None).AsTask();

    public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        string? line = await _channel.ReadLineAsync(_options, cancellationToken).ConfigureAwait(false);
        if (!Rest.IsEmpty)
        {
            line = Rest + line;
            Rest = default;
        }

        return line;
    }

    public override Task<string> ReadToEndAsync() => ReadToEndAsync(CancellationToken.None);

    public override async Task<string> ReadToEndAsync(CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<char>(Piece);
        while (await ReadAsync(text.GetMemory(Piece), cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            text.Advance(count);
        }

        return text.WrittenSpan.ToString();
    }

    private ValueTask<int> PeekAsync() => _channel.ReadCharsAsync(_options, _decoder, _one, peek: true, CancellationToken.None);
}
