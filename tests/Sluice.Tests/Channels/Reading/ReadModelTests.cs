using System.Buffers;
using System.IO.Pipelines;
using CsCheck;

namespace Sluice.Tests.Channels.Reading;

/// <summary>Random programs of reads over randomly cut streams, against a plain array of bytes.</summary>
[TestFixture]
[Parallelizable]
public sealed class ReadModelTests
{
    private static readonly byte[] s_delimiter = "aab"u8.ToArray();

    // Few different bytes, so that endings and delimiters, and what begins like them, are frequent.
    private static readonly Gen<byte[]> s_bytes = Gen.OneOfConst((byte)'a', (byte)'b', (byte)'\n', (byte)'\r', (byte)0, (byte)3).Array[0, 200];

    private static readonly Gen<int[]> s_sizes = Gen.Int[1, 20].Array[1, 10];

    private static readonly Gen<(int Operation, int Size, bool Cancel)[]> s_program =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 12], Gen.Frequency((7, Gen.Const(false)), (1, Gen.Const(true)))).Array[1, 60];

    [Test]
    public void A_program_of_reads_sees_the_bytes_of_the_model([Values("source", "pipe", "stream", "memory", "view")] string kind) =>
        Gen.Select(s_bytes, s_sizes, s_program).SampleAsync(
            async (bytes, sizes, program) => await RunAsync(Open(kind, bytes, sizes), bytes, program), iter: 2000, threads: 1).GetAwaiter().GetResult();

    private static ByteReadChannel Open(string kind, byte[] bytes, int[] sizes)
    {
        ByteReadChannel source = ScriptedSource.Channel(bytes, sizes);
        return kind switch
        {
            "source" => source,
            "pipe" => PipeReader.Create(new ReadOnlySequence<byte>(bytes)).AsByteReadChannel(),
            "stream" => source.AsStream().AsByteReadChannel(),
            "memory" => ByteReadChannel.FromBytes(bytes),
            _ => source.AsCounted(),
        };
    }

    private static async Task RunAsync(ByteReadChannel input, byte[] bytes, (int Operation, int Size, bool Cancel)[] program)
    {
        int at = 0;
        foreach ((int operation, int size, bool cancel) in program)
        {
            if (cancel)
            {
                // A token that is cancelled already: nothing happens.
                Assert.CatchAsync<OperationCanceledException>(() => input.ReadExactlyAsync(size, new CancellationToken(true)).AsTask());
            }

            at += await StepAsync(input, bytes[at..], operation, size);
            Assert.That(input.TotalBytesRead, Is.EqualTo(at));
        }

        Assert.That(await input.ReadToEndAsync(bytes.Length), Is.EqualTo(bytes[at..]));
        Assert.That(await input.IsExhaustedAsync(), Is.True);
        Assert.That(input.IsClosedForRead, Is.True);
    }

    /// <summary>One read, checked against what is left; gives how many bytes it has to have consumed.</summary>
    private static async Task<int> StepAsync(ByteReadChannel input, byte[] left, int operation, int size)
    {
        byte[] next = left[..Math.Min(size, left.Length)];
        switch (operation)
        {
            case 0:
                byte[] some = new byte[size];
                int count = await input.ReadAsync(some);
                Assert.That(some[..count], Is.EqualTo(left[..count]));
                Assert.That(count == 0, Is.EqualTo(next.Length == 0));
                return count;
            case 1 when left.Length < size:
                Assert.ThrowsAsync<EndOfStreamException>(() => input.ReadExactlyAsync(new byte[size]).AsTask());
                return 0;
            case 1:
                Assert.That(await input.ReadExactlyAsync(size), Is.EqualTo(next));
                return size;
            case 2:
                Assert.That((await input.PeekAsync(size)).ToArray(), Is.EqualTo(next));
                return 0;
            case 3:
                Assert.That(await input.SkipAsync(size), Is.EqualTo(next.Length));
                return next.Length;
            case 4:
                bool found = left.AsSpan().StartsWith(s_delimiter);
                Assert.That(await input.SkipIfFoundAsync(s_delimiter), Is.EqualTo(found));
                return found ? s_delimiter.Length : 0;
            case 5:
                return await UntilAsync(input, left, size);
            case 6:
                return await LineAsync(input, left, size + 1);
            case 7 when left.Length < 4:
                Assert.ThrowsAsync<EndOfStreamException>(() => input.ReadInt32Async(ByteOrder.LittleEndian).AsTask());
                return 0;
            case 7:
                Assert.That(await input.ReadInt32Async(ByteOrder.LittleEndian), Is.EqualTo(left[0] | (left[1] << 8) | (left[2] << 16) | (left[3] << 24)));
                return 4;
            case 8:
                return await PrefixedAsync(input, left, size);
            default:
                Assert.That(await input.IsExhaustedAsync(), Is.EqualTo(left.Length == 0));
                return 0;
        }
    }

    private static async Task<int> UntilAsync(ByteReadChannel input, byte[] left, int limit)
    {
        var destination = new ArrayBufferWriter<byte>();
        int end = left.AsSpan().IndexOf(s_delimiter);
        if (end > limit || (end < 0 && left.Length >= limit + s_delimiter.Length))
        {
            Assert.ThrowsAsync<LimitExceededException>(() => input.ReadUntilAsync(s_delimiter, destination, limit).AsTask());
            return 0;
        }

        if (end < 0 && left.Length > 0)
        {
            Assert.ThrowsAsync<EndOfStreamException>(() => input.ReadUntilAsync(s_delimiter, destination, limit).AsTask());
            return 0;
        }

        Assert.That(await input.ReadUntilAsync(s_delimiter, destination, limit), Is.EqualTo(end >= 0));
        Assert.That(destination.WrittenSpan.ToArray(), Is.EqualTo(left[..Math.Max(end, 0)]));
        return end < 0 ? 0 : end + s_delimiter.Length;
    }

    private static async Task<int> LineAsync(ByteReadChannel input, byte[] left, int limit)
    {
        var options = new LineReadOptions { MaxLength = limit };
        int feed = Array.IndexOf(left, (byte)'\n');
        int consumed = feed < 0 ? left.Length : feed + 1;
        int length = feed < 0 ? left.Length : feed > 0 && left[feed - 1] == '\r' ? feed - 1 : feed;
        if (length > limit)
        {
            Assert.ThrowsAsync<LineTooLongException>(() => input.ReadLineBytesAsync(options).AsTask());
            return 0;
        }

        ReadOnlySequence<byte>? line = await input.ReadLineBytesAsync(options);
        Assert.That(line?.ToArray(), Is.EqualTo(left.Length == 0 ? null : left[..length]));
        return consumed;
    }

    private static async Task<int> PrefixedAsync(ByteReadChannel input, byte[] left, int limit)
    {
        var prefix = new LengthPrefix(1);
        if (left.Length > 0 && left[0] > limit)
        {
            Assert.ThrowsAsync<LimitExceededException>(() => input.ReadPrefixedBytesAsync(prefix, limit).AsTask());
            return 0;
        }

        if (left.Length == 0 || left.Length < left[0] + 1)
        {
            Assert.ThrowsAsync<EndOfStreamException>(() => input.ReadPrefixedBytesAsync(prefix, limit).AsTask());
            return 0;
        }

        Assert.That(await input.ReadPrefixedBytesAsync(prefix, limit), Is.EqualTo(left[1..(left[0] + 1)]));
        return left[0] + 1;
    }
}
