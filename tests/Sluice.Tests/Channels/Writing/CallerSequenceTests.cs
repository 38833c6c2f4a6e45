using System.Buffers;
using System.Text;

namespace Sluice.Tests.Channels.Writing;

/// <summary>Sequences whose memory is a caller's, which throws or blocks, or whose segments do not add up.</summary>
[Parallelizable]
public sealed class CallerSequenceTests
{
    private static readonly LengthPrefix s_prefix = new(4);

    private static readonly Dictionary<string, Func<ByteWriteChannel, ReadOnlySequence<byte>, Task>> s_writes = new()
    {
        ["WriteAsync"] = (output, bytes) => output.WriteAsync(bytes).AsTask(),
        ["WritePrefixedAsync"] = (output, bytes) => output.WritePrefixedAsync(s_prefix, bytes).AsTask(),
        ["WriteFrameAsync, prefix"] = (output, bytes) => output.WriteFrameAsync(FrameEncoder.LengthPrefixed(s_prefix, 1000), bytes).AsTask(),
        ["WriteFrameAsync, delimiter"] = (output, bytes) => output.WriteFrameAsync(FrameEncoder.Delimited("|"u8.ToArray(), 1000), bytes).AsTask(),
    };

    private static IEnumerable<string> Writes => s_writes.Keys;

    [Test]
    public async Task A_write_whose_memory_fails_leaves_nothing_of_itself([ValueSource(nameof(Writes))] string write, [Values(0, 1, 2)] int failing)
    {
        var channel = new ByteChannel();
        ByteWriteChannel output = channel.Writer;
        Memory<byte>[] parts = ["FIRST-"u8.ToArray(), "second"u8.ToArray(), "third"u8.ToArray()];
        parts[failing] = CallerMemory.Failing(6);
        Assert.ThrowsAsync<NotSupportedException>(() => s_writes[write](output, Sequence(parts)).Soon());
        Assert.That((output.TotalBytesWritten, output.UnsentBytes), Is.EqualTo((0, 0)));
        await CheckNextAsync(channel);
    }

    [Test]
    public async Task A_write_of_one_part_that_fails_leaves_nothing_of_itself([ValueSource(nameof(Writes))] string write)
    {
        var channel = new ByteChannel();
        Assert.ThrowsAsync<NotSupportedException>(() => s_writes[write](channel.Writer, new(CallerMemory.Failing(6))).Soon());
        Assert.That(channel.Writer.TotalBytesWritten, Is.Zero);
        await CheckNextAsync(channel);
    }

    [Test]
    public async Task A_write_that_waits_for_room_and_then_fails_leaves_nothing_of_itself()
    {
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = 1 });
        await channel.Writer.WriteAsync(new byte[ByteWriteChannel.HighWaterMark - 1]).Soon();
        Task writing = channel.Writer.WriteAsync(Sequence("FIRST-"u8.ToArray(), CallerMemory.Failing(6, after: 1))).AsTask();
        await channel.Reader.SkipExactlyAsync(ByteWriteChannel.HighWaterMark - 1).Soon();
        Assert.ThrowsAsync<NotSupportedException>(() => writing.Soon());
        await CheckNextAsync(channel);
    }

    [Test]
    public async Task Memory_is_used_outside_the_lock([ValueSource(nameof(Writes))] string write, [Values] bool inOnePart, [Values] bool inArray)
    {
        var channel = new ByteChannel();
        bool isFree = true;
        var manager = new CallerMemory("second"u8.ToArray(), () => isFree &= Task.Run(() => channel.Writer.AvailableForWrite).Wait(TimeSpan.FromSeconds(10)), inArray);
        Memory<byte> memory = manager.Memory;
        await s_writes[write](channel.Writer, inOnePart ? new(memory) : Sequence("FIRST-"u8.ToArray(), memory)).Soon();
        Assert.That(isFree, Is.True);
        await channel.Writer.CompleteAsync().Soon();
        string sent = Encoding.ASCII.GetString(await channel.Reader.ReadToEndAsync(100).Soon());
        Assert.That(sent.Trim('\0', '\f', '\u0006', '|'), Is.EqualTo(inOnePart ? "second" : "FIRST-second"));
    }

    [TestCase(100)]
    [TestCase(10_000)]
    [TestCase(-3)]
    public async Task A_sequence_whose_segments_do_not_add_up_is_refused(int off)
    {
        var channel = new ByteChannel();
        var first = new Segment("FIRST-"u8.ToArray(), 0);
        Segment last = first.Append("second"u8.ToArray(), off).Append("third"u8.ToArray(), 0);
        var bytes = new ReadOnlySequence<byte>(first, 0, last, 5);
        Assert.ThrowsAsync<ArgumentException>(() => channel.Writer.WriteAsync(bytes).AsTask().Soon());
        Assert.That(channel.Writer.TotalBytesWritten, Is.Zero);
        await CheckNextAsync(channel);
    }

    private static async Task CheckNextAsync(ByteChannel channel)
    {
        await channel.Writer.WriteStringAsync("next").Soon();
        Task completing = channel.Writer.CompleteAsync().AsTask();
        Assert.That(Encoding.ASCII.GetString(await channel.Reader.ReadToEndAsync(100).Soon()), Is.EqualTo("next"));
        await completing.Soon();
    }

    private static ReadOnlySequence<byte> Sequence(params Memory<byte>[] parts)
    {
        var first = new Segment(parts[0], 0);
        Segment last = parts[1..].Aggregate(first, (segment, part) => segment.Append(part, 0));
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory, int off)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length + off);
            Next = next;
            return next;
        }
    }
}
