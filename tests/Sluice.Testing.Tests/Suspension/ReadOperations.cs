using System.Buffers;

namespace Sluice.Testing.Tests.Suspension;

/// <summary>The operations of a <see cref="ByteReadChannel"/>.</summary>
internal static class ReadOperations
{
    private static readonly byte[] s_eight = [0x3f, 0xf8, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] s_line = "Zürich, 東京\r\n"u8.ToArray();
    private static readonly LengthPrefix s_prefix = new(4);

    public static IEnumerable<ReadOperation> All =>
    [
        Of("ReadByteAsync", [7], (input, token) => input.ReadByteAsync(token), (byte)7),
        Of("ReadBooleanAsync", [1], (input, token) => input.ReadBooleanAsync(token), true),
        Of("ReadInt16Async", [1, 2], (input, token) => input.ReadInt16Async(token), (short)0x0102),
        Of("ReadInt32Async", [1, 2, 3, 4], (input, token) => input.ReadInt32Async(token), 0x01020304),
        Of("ReadInt64Async", [0, 0, 0, 0, 1, 2, 3, 4], (input, token) => input.ReadInt64Async(token), 0x01020304L),
        Of("ReadDoubleAsync", s_eight, (input, token) => input.ReadDoubleAsync(token), 1.5),
        Of("ReadVarIntAsync", [0x80, 0x80, 0x01], (input, token) => input.ReadVarIntAsync<int>(token), 1 << 14),
        Of("ReadExactlyAsync", s_line, (input, token) => input.ReadExactlyAsync(s_line.Length, token), s_line),
        Of("ReadExactlyAsync into memory", s_line, ReadIntoAsync, s_line),
        Of("ReadAtLeastAsync", s_line, ReadAtLeastAsync, s_line),
        Of("ReadLineAsync", s_line, (input, token) => input.ReadLineAsync(token), "Zürich, 東京"),
        Of("ReadLineAsync into a writer", s_line, ReadLineIntoAsync, "Zürich, 東京"),
        Of("ReadLineBytesAsync", s_line, ReadLineBytesAsync, s_line[..^2]),
        Of("ReadLinesAsync", s_line, async (input, token) => await FirstAsync(input.ReadLinesAsync(cancellationToken: token)), "Zürich, 東京"),
        Of("ReadUntilAsync", "key;"u8, (input, token) => UntilAsync(writer => input.ReadUntilAsync((byte)';', writer, 100, token)), "key"u8.ToArray()),
        Of("ReadUntilAsync of several bytes", "a\r\nb\r\n\r\n"u8, (input, token) =>
            UntilAsync(writer => input.ReadUntilAsync("\r\n\r\n"u8.ToArray(), writer, 100, token)), "a\r\nb"u8.ToArray()),
        Of("ReadPrefixedBytesAsync", [0, 0, 0, 3, 1, 2, 3], (input, token) => input.ReadPrefixedBytesAsync(s_prefix, 100, token), new byte[] { 1, 2, 3 }),
        Of("ReadPrefixedStringAsync", [0, 0, 0, 3, .. "abc"u8], (input, token) => input.ReadPrefixedStringAsync(s_prefix, 100, token), "abc"),
        Of("ReadFrameAsync of lines", s_line, (input, token) => input.ReadFrameAsync(FrameDecoder.Lines(), token), "Zürich, 東京"),
        Of("ReadFramesAsync of lines", s_line, async (input, token) => await FirstAsync(input.ReadFramesAsync(FrameDecoder.Lines(), token)), "Zürich, 東京"),
        Of("PeekAsync", s_line, PeekAsync, s_line),
        Of("SkipIfFoundAsync", "magic"u8, (input, token) => input.SkipIfFoundAsync("magic"u8.ToArray(), token), true),
    ];

    private static ReadOperation Of<T>(string name, ReadOnlySpan<byte> message, Func<ByteReadChannel, CancellationToken, ValueTask<T>> read, object expected) =>
        new(name, message.ToArray(), async (input, token) => await read(input, token), expected);

    private static async ValueTask<byte[]> ReadIntoAsync(ByteReadChannel input, CancellationToken token)
    {
        byte[] destination = new byte[s_line.Length];
        await input.ReadExactlyAsync(destination, token);
        return destination;
    }

    private static async ValueTask<byte[]> ReadAtLeastAsync(ByteReadChannel input, CancellationToken token)
    {
        byte[] destination = new byte[s_line.Length];
        await input.ReadAtLeastAsync(destination, destination.Length, token);
        return destination;
    }

    private static async ValueTask<string?> ReadLineIntoAsync(ByteReadChannel input, CancellationToken token)
    {
        var destination = new ArrayBufferWriter<char>();
        return await input.ReadLineAsync(destination, cancellationToken: token) ? new string(destination.WrittenSpan) : null;
    }

    private static async ValueTask<byte[]?> ReadLineBytesAsync(ByteReadChannel input, CancellationToken token) =>
        (await input.ReadLineBytesAsync(cancellationToken: token))?.ToArray();

    private static async ValueTask<byte[]?> UntilAsync(Func<ArrayBufferWriter<byte>, ValueTask<bool>> read)
    {
        var destination = new ArrayBufferWriter<byte>();
        return await read(destination) ? destination.WrittenSpan.ToArray() : null;
    }

    private static async ValueTask<byte[]> PeekAsync(ByteReadChannel input, CancellationToken token)
    {
        byte[] peeked = (await input.PeekAsync(s_line.Length, token)).ToArray();
        input.TryRead(new byte[s_line.Length], out _);
        return peeked;
    }

    private static async ValueTask<T?> FirstAsync<T>(IAsyncEnumerable<T> items)
    {
        await foreach (T item in items)
        {
            return item;
        }

        return default;
    }
}
