using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Snippets;

internal static class ReadingSnippets
{
    public static async Task BytesAsync(ByteReadChannel input, byte[] buffer, CancellationToken token)
    {
        // <read-bytes>
        int count = await input.ReadAsync(buffer, token);                   // whatever has arrived; 0 at the end
        await input.ReadExactlyAsync(buffer, token);                        // all of it, or EndOfStreamException
        byte[] twenty = await input.ReadExactlyAsync(20, token);            // allocated once they have arrived
        byte[] rest = await input.ReadToEndAsync(limit: 1_000_000, token);
        if (input.TryRead(buffer, out count))                               // never waits
        {
        }

        // </read-bytes>
    }

    public static async Task AheadAsync(ByteReadChannel input, CancellationToken token)
    {
        // <read-ahead>
        ReadOnlySequence<byte> header = await input.PeekAsync(4, token);    // consumes nothing; valid until the next read
        bool isProxied = await input.SkipIfFoundAsync("PROXY "u8.ToArray(), token);
        await input.SkipExactlyAsync(header.Length, token);
        bool isOver = await input.IsExhaustedAsync(token);
        // </read-ahead>
    }

    public static async Task NumbersAsync(ByteReadChannel input, CancellationToken token)
    {
        // <read-numbers>
        int length = await input.ReadInt32Async(token);                     // big-endian, unless input.ByteOrder says otherwise
        double ratio = await input.ReadDoubleAsync(ByteOrder.LittleEndian, token);
        ulong id = await input.ReadVarIntAsync<ulong>(token);               // LEB128
        string name = await input.ReadPrefixedStringAsync(new LengthPrefix(2), limit: 255, token);
        byte[] block = await input.ReadPrefixedBytesAsync(LengthPrefix.VarInt, limit: 65_536, token);
        // </read-numbers>
    }

    public static async Task LinesAsync(ByteReadChannel input, IBufferWriter<char> characters, CancellationToken token)
    {
        // <read-lines>
        var options = new LineReadOptions { Ending = LineEnding.Lenient, MaxLength = 512, RequireEnding = true };
        string? line = await input.ReadLineAsync(options, token);           // null at the end
        bool found = await input.ReadLineAsync(characters, options, token); // into your buffer; allocates no string
        ReadOnlySequence<byte>? raw = await input.ReadLineBytesAsync(options, token); // no copy; valid until the next read
        // </read-lines>
    }

    public static async Task UntilAsync(ByteReadChannel input, CancellationToken token)
    {
        // <read-until>
        var head = new ArrayBufferWriter<byte>();
        bool found = await input.ReadUntilAsync("\r\n\r\n"u8.ToArray(), head, limit: 8192, token);
        // </read-until>
    }

    public static async Task ViewsAsync(ByteReadChannel input, Stream file, PipeReader pipe, IBufferWriter<byte> log, CancellationToken token)
    {
        // <read-views>
        ByteReadChannel body = input.AsLimited(1_000);                          // ends after 1,000 bytes; input continues after them
        ByteReadChannel logged = input.AsTee(log);
        using TextReader text = input.AsTextReader();                       // also AsStream(), AsPipeReader()

        ByteReadChannel fromFile = file.AsByteReadChannel();
        ByteReadChannel fromPipe = pipe.AsByteReadChannel();
        ByteReadChannel fromText = ByteReadChannel.FromString("GET / HTTP/1.1\r\n\r\n");
        // </read-views>
        await Task.WhenAll(body.IsExhaustedAsync(token).AsTask(), logged.IsExhaustedAsync(token).AsTask());
    }

    public static void State(ByteReadChannel input)
    {
        // <read-state>
        Console.WriteLine($"{input.TotalBytesRead} read, {input.AvailableForRead} buffered");
        input.Cancel(new InvalidDataException("The peer broke the protocol."));  // every later read throws this
        Console.WriteLine($"{input.IsClosedForRead}: {input.CloseCause?.Message}");
        // </read-state>
    }

    public static async Task FramesAsync(ByteReadChannel input, CancellationToken token)
    {
        // <read-frames>
        IFrameDecoder<ReadOnlySequence<byte>> decoder = FrameDecoder.LengthPrefixed(new LengthPrefix(4), maxLength: 1_000_000);
        await foreach (ReadOnlySequence<byte> frame in input.ReadFramesAsync(decoder, token))
        {
            Console.WriteLine($"{frame.Length} bytes");                     // valid until the next frame
        }

        // </read-frames>
    }

    public static async Task HeadedFrameAsync(ByteReadChannel input, CancellationToken token)
    {
        // <read-headed-frame>
        var http2 = new FrameHeader(size: 9, lengthOffset: 0, lengthSize: 3);                             // RFC 9113, 4.1
        HeadedFrame frame = await input.ReadFrameAsync(FrameDecoder.Headed(http2, maxLength: 16_384), token);
        byte[] header = frame.Header.ToArray();
        Console.WriteLine($"type {header[3]}, flags {header[4]}, {frame.Body.Length} bytes");             // valid until the next read
        // </read-headed-frame>
    }

    // <frame-decoder>
    /// <summary>Frames of two bytes, as numbers.</summary>
    internal sealed class PairDecoder : IFrameDecoder<ushort>
    {
        public long MaxBuffered => 2;

        public bool TryDecode(in FrameInput input, out ushort frame, out long consumed)
        {
            consumed = 2;
            var reader = new SequenceReader<byte>(input.Buffered);
            bool isComplete = reader.TryReadBigEndian(out short pair);
            frame = (ushort)pair;
            return isComplete;
        }
    }

    // </frame-decoder>
}
