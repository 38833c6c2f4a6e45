namespace Sluice.Tests.Channels.Framing;

/// <summary>What the length of a huge message costs, while the message has not come.</summary>
public sealed class HugeLengthTests
{
    private const int Length = 0x40000000;

    private static IEnumerable<TestCaseData> Reads() =>
    [
        new TestCaseData((Func<ByteReadChannel, Task>)(input => input.ReadPrefixedBytesAsync(new LengthPrefix(4), int.MaxValue).AsTask())) { TestName = "Bytes" },
        new TestCaseData((Func<ByteReadChannel, Task>)(input => input.ReadPrefixedStringAsync(new LengthPrefix(4), int.MaxValue).AsTask())) { TestName = "A text" },
        new TestCaseData((Func<ByteReadChannel, Task>)(input => input.ReadFrameAsync(FrameDecoder.LengthPrefixed(new LengthPrefix(4), int.MaxValue)).AsTask())) { TestName = "A frame" },
        new TestCaseData((Func<ByteReadChannel, Task>)(input => input.ReadExactlyAsync(Length).AsTask())) { TestName = "Exactly so many bytes" },
    ];

    [TestCaseSource(nameof(Reads))]
    public async Task A_length_alone_allocates_nothing_for_the_message(Func<ByteReadChannel, Task> read)
    {
        var channel = new ByteChannel();
        await channel.Writer.WriteAsync(new byte[] { Length >> 24, 0, 0, 0, 1, 2, 3 }).Soon();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Task reading = read(channel.Reader);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(reading.IsCompleted, Is.False);
        Assert.That(allocated, Is.LessThan(100_000));
        await channel.Writer.CompleteAsync().Soon();
        Assert.ThrowsAsync<EndOfStreamException>(() => reading.Soon());
    }
}
