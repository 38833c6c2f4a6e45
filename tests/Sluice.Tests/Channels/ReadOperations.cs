using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sluice.Tests.Channels;

/// <summary>Every way to read.</summary>
internal static class ReadOperations
{
    public const int Limit = 1000;

    private static readonly byte[] s_buffer = new byte[8];
    private static readonly byte[] s_found = "found"u8.ToArray();
    private static readonly byte[] s_delimiter = "--|"u8.ToArray();
    private static readonly ArrayBufferWriter<byte> s_bytes = new(1 << 16);
    private static readonly ArrayBufferWriter<char> s_chars = new(1 << 16);
    private static readonly LineReadOptions s_lines = new() { MaxLength = Limit };
    private static readonly LineReadOptions s_lenient = new() { MaxLength = Limit, Ending = LineEnding.Lenient };
    private static readonly LineReadOptions s_strict = new() { MaxLength = Limit, RequireEnding = true };
    private static readonly LengthPrefix s_prefix = new(2);
    private static readonly byte[] s_eight = [0x81, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] s_sixteen = [.. s_eight, .. s_eight];

    public static IReadOnlyList<ReadOperation> All { get; } =
    [
        Of("ReadAsync", "a", 1, "a", (input, token) => OneAsync(one => input.ReadAsync(one, token)), _ => "", input => Get(input.ReadAsync(s_buffer))),
        Of(
            "ReadExactlyAsync into memory",
            "abcdef",
            6,
            "abcdef",
            async (input, token) =>
            {
                byte[] six = new byte[6];
                await input.ReadExactlyAsync(six, token);
                return Text(six);
            },
            _ => null,
            input => Get(input.ReadExactlyAsync(s_buffer.AsMemory(0, 6)))),
        Of("ReadExactlyAsync", "abcdef", 6, "abcdef", async (input, token) => Text(await input.ReadExactlyAsync(6, token)), _ => null, input => Get(input.ReadExactlyAsync(6)))
            with { Allocates = 32 },
        Of(
            "ReadAtLeastAsync",
            "abcd",
            4,
            "abcd",
            async (input, token) =>
            {
                byte[] four = new byte[4];
                return Text(four[..await input.ReadAtLeastAsync(four, 4, token)]);
            },
            _ => null,
            input => Get(input.ReadAtLeastAsync(s_buffer.AsMemory(0, 4), 4))),
        Of("ReadToEndAsync", "abcdef", 6, "abcdef", async (input, token) => Text(await input.ReadToEndAsync(Limit, token)), Text, _ => { })
            with { NeedsEnd = true, HasLimit = true },
        Of("PeekAsync", "abcd", 0, "abcd", async (input, token) => Text((await input.PeekAsync(4, token)).ToArray()), Text, input => Get(input.PeekAsync(4))),
        Of("SkipAsync", "abcd", 4, "4", async (input, token) => Text(await input.SkipAsync(4, token)), had => Text(had.Length), input => Get(input.SkipAsync(4)))
            with { TakesAsItGoes = true },
        Of("SkipExactlyAsync", "abcd", 4, "4", async (input, token) => Text(await input.SkipExactlyAsync(4, token)), _ => null, input => Get(input.SkipExactlyAsync(4)))
            with { TakesAsItGoes = true },
        Of("SkipIfFoundAsync", "found", 5, "True", async (input, token) => Text(await input.SkipIfFoundAsync(s_found, token)), _ => "False", input => Get(input.SkipIfFoundAsync(s_found))),
        Of("IsExhaustedAsync", "a", 0, "False", async (input, token) => Text(await input.IsExhaustedAsync(token)), _ => "True", input => Get(input.IsExhaustedAsync())),

        Number("ReadByteAsync", 1, "129", async (input, token) => Text(await input.ReadByteAsync(token)), input => Get(input.ReadByteAsync())),
        Number("ReadSByteAsync", 1, "-127", async (input, token) => Text(await input.ReadSByteAsync(token)), input => Get(input.ReadSByteAsync())),
        Number("ReadBooleanAsync", 1, "True", async (input, token) => Text(await input.ReadBooleanAsync(token)), input => Get(input.ReadBooleanAsync())),
        Number("ReadInt16Async", 2, "-32510", async (input, token) => Text(await input.ReadInt16Async(token)), input => Get(input.ReadInt16Async())),
        Number("ReadUInt16Async", 2, "33026", async (input, token) => Text(await input.ReadUInt16Async(token)), input => Get(input.ReadUInt16Async())),
        Number("ReadInt32Async", 4, "-2130574588", async (input, token) => Text(await input.ReadInt32Async(token)), input => Get(input.ReadInt32Async())),
        Number("ReadUInt32Async, little-endian", 4, "67306113", async (input, token) => Text(await input.ReadUInt32Async(ByteOrder.LittleEndian, token)), input => Get(input.ReadUInt32Async(ByteOrder.LittleEndian))),
        Number("ReadInt64Async", 8, "-9150748177064392952", async (input, token) => Text(await input.ReadInt64Async(token)), input => Get(input.ReadInt64Async())),
        Number("ReadUInt64Async", 8, "9295995896645158664", async (input, token) => Text(await input.ReadUInt64Async(token)), input => Get(input.ReadUInt64Async())),
        Number("ReadInt128Async", 16, "-168801509705271073373998071754505451768", async (input, token) => Text(await input.ReadInt128Async(token)), input => Get(input.ReadInt128Async())),
        Number("ReadUInt128Async", 16, "171480857215667390089376535677262759688", async (input, token) => Text(await input.ReadUInt128Async(token)), input => Get(input.ReadUInt128Async())),
        Number("ReadHalfAsync", 2, BitConverter.UInt16BitsToHalf(0x8102).ToString(CultureInfo.InvariantCulture), async (input, token) => Text(await input.ReadHalfAsync(token)), input => Get(input.ReadHalfAsync())),
        Number("ReadSingleAsync", 4, BitConverter.UInt32BitsToSingle(0x81020304).ToString(CultureInfo.InvariantCulture), async (input, token) => Text(await input.ReadSingleAsync(token)), input => Get(input.ReadSingleAsync())),
        Number("ReadDoubleAsync", 8, BitConverter.UInt64BitsToDouble(0x8102030405060708).ToString(CultureInfo.InvariantCulture), async (input, token) => Text(await input.ReadDoubleAsync(token)), input => Get(input.ReadDoubleAsync())),
        Number("ReadVarIntAsync", 2, "257", async (input, token) => Text(await input.ReadVarIntAsync<uint>(token)), input => Get(input.ReadVarIntAsync<uint>())),

        Of("ReadPrefixedBytesAsync", "\0\u0003abc", 5, "abc", async (input, token) => Text(await input.ReadPrefixedBytesAsync(s_prefix, Limit, token)), _ => null, input => Get(input.ReadPrefixedBytesAsync(s_prefix, Limit)))
            with { Allocates = 32 },
        Of("ReadPrefixedStringAsync", "\u0003abc", 4, "abc", async (input, token) => await input.ReadPrefixedStringAsync(LengthPrefix.VarInt, Limit, token), _ => null, input => Get(input.ReadPrefixedStringAsync(LengthPrefix.VarInt, Limit)))
            with { Allocates = 32 },

        Line("ReadLineAsync", s_lines, (input, options, token) => input.ReadLineAsync(options, token).AsTask()!),
        Line("ReadLineAsync, lenient", s_lenient, (input, options, token) => input.ReadLineAsync(options, token).AsTask()!),
        Line("ReadLineAsync, strict", s_strict, (input, options, token) => input.ReadLineAsync(options, token).AsTask()!),
        Line("ReadLineAsync into characters", s_lines, async (input, options, token) =>
        {
            var characters = new ArrayBufferWriter<char>();
            return await input.ReadLineAsync(characters, options, token) ? characters.WrittenSpan.ToString() : "";
        })
            with { Allocates = 0, Now = ReadCharacters },
        Line("ReadLineBytesAsync", s_lines, async (input, options, token) => await input.ReadLineBytesAsync(options, token) is { } line ? Text(line.ToArray()) : "")
            with { Allocates = 0, Now = input => Get(input.ReadLineBytesAsync(s_lines)) },
        Of(
            "ReadUntilAsync",
            "ab---|",
            6,
            "True ab-",
            async (input, token) =>
            {
                var bytes = new ArrayBufferWriter<byte>();
                return $"{await input.ReadUntilAsync(s_delimiter, bytes, Limit, token)} {Text(bytes.WrittenSpan.ToArray())}";
            },
            had => had.Length == 0 ? "False " : null,
            input =>
            {
                s_bytes.ResetWrittenCount();
                Get(input.ReadUntilAsync(s_delimiter, s_bytes, Limit));
            })
            with { HasLimit = true },
        Of(
            "ReadFramesAsync",
            "ab---|",
            6,
            "ab-",
            async (input, token) =>
            {
                await foreach (ReadOnlySequence<byte> frame in input.ReadFramesAsync(FrameDecoder.Delimited(s_delimiter, Limit), token))
                {
                    return Text(frame.ToArray());
                }

                return "";
            },
            had => had.Length == 0 ? "" : null,
            _ => { })
            with { HasLimit = true },
        Of(
            "the stream",
            "a",
            1,
            "a",
            (input, token) => OneAsync(one => input.AsStream().ReadAsync(one, token)),
            _ => "",
            _ => { }),
    ];

    public static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(bool value) => value.ToString();

    private static async Task<string> OneAsync(Func<Memory<byte>, ValueTask<int>> readAsync)
    {
        byte[] one = new byte[1];
        return Text(one[..await readAsync(one)]);
    }

    private static void ReadCharacters(ByteReadChannel input)
    {
        s_chars.ResetWrittenCount();
        Get(input.ReadLineAsync(s_chars, s_lines));
    }

    private static void Get(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            throw new AssertionException("It did not end at once.");
        }
    }

    private static void Get<T>(ValueTask<T> task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            throw new AssertionException("It did not end at once.");
        }

        _ = task.Result;
    }

    private static ReadOperation Of(
        string name,
        string given,
        int consumed,
        string result,
        Func<ByteReadChannel, CancellationToken, Task<string>> runAsync,
        Func<byte[], string?> atEnd,
        Action<ByteReadChannel> now) =>
        new(name, Encoding.Latin1.GetBytes(given), consumed, result, runAsync, atEnd, now);

    private static ReadOperation Number(
        string name, int size, string result, Func<ByteReadChannel, CancellationToken, Task<string>> runAsync, Action<ByteReadChannel> now) =>
        new(name, s_sixteen[..size], size, result, runAsync, _ => null, now);

    private static ReadOperation Line(string name, LineReadOptions options, Func<ByteReadChannel, LineReadOptions, CancellationToken, Task<string>> readAsync) =>
        Of(
            name,
            "abc\n",
            4,
            "abc",
            async (input, token) => await readAsync(input, options, token) ?? "",
            had => options.RequireEnding && had.Length > 0 ? null : Text(had),
            input => Get(input.ReadLineAsync(options)))
        with
        {
            Allocates = 32,
            HasLimit = true,
        };
}
