using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Tests.Channels.InMemory;

/// <summary>What two threads may do to one channel at once.</summary>
[TestFixture]
public sealed class ChannelRaceTests
{
    private const int Writes = 100_000;

    // The reader that leaves and the thread that closes look for each other without a lock: one of the two has to give the source up.
    [Test]
    public void A_channel_that_is_closed_while_a_read_ends_gives_its_source_up_once()
    {
        for (int i = 0; i < 2_000; i++)
        {
            var source = new EndlessSource();
            var channel = new ByteReadChannel(source, pool: null);
            using var barrier = new Barrier(2);
            Task<int> reading = Task.Run(() =>
            {
                barrier.SignalAndWait();
                return ReadUntilClosed(channel);
            });
            barrier.SignalAndWait();
            Thread.SpinWait(i % 200);

            channel.Cancel();

            Assert.That(reading.Wait(Waiting.Patience), "The read goes on.");
            Assert.That(source.Ended, Is.EqualTo(1));
            Assert.Throws<ObjectDisposedException>(() => channel.TryRead(new byte[1], out _));
        }
    }

    // A small write is done without first announcing itself. Beside one that announces itself it is refused, or comes before or after.
    [Test]
    public async Task Writes_of_two_threads_are_refused_or_whole()
    {
        var pipe = new ByteChannel();
        ByteWriteChannel output = pipe.Writer;
        Task<long> counting = CountAsync(pipe.Reader);

        await Task.WhenAll(
            Task.Run(() => WriteMany(() => output.WriteInt64Async(0x6e6e6e6e6e6e6e6e))),
            Task.Run(() => WriteMany(() => output.WritePrefixedAsync(new LengthPrefix(1), 100, 'p', static (room, p) => Fill(room[..7], (byte)p))))).Soon();
        await output.CompleteAsync().Soon();

        Assert.That(await counting.Soon(), Is.EqualTo(2 * Writes));
    }

    [Test]
    public async Task A_small_write_while_another_fills_the_buffer_is_refused_and_disturbs_nothing()
    {
        var pipe = new ByteChannel();

        await pipe.Writer.WritePrefixedAsync(new LengthPrefix(1), 2, pipe.Writer, static (room, output) =>
        {
            Assert.Throws<InvalidOperationException>(() => _ = output.WriteByteAsync((byte)'x').AsTask());
            return Fill(room, (byte)'p');
        }).Soon();
        await pipe.Writer.CompleteAsync().Soon();

        Assert.That(await pipe.Reader.ReadToEndAsync(limit: 100).Soon(), Is.EqualTo("\x0002pp"u8.ToArray()));
    }

    private static int Fill(Span<byte> room, byte value)
    {
        room.Fill(value);
        return room.Length;
    }

    private static void WriteMany(Func<ValueTask> write)
    {
        int written = 0;
        while (written < Writes)
        {
            try
            {
                write().AsTask().Wait();
                written++;
            }
            catch (InvalidOperationException)
            {
                // The other one was writing.
                Thread.Yield();
            }
        }
    }

    // Each message is eight bytes: a number of 'n', or a length of seven and as many 'p'.
    private static async Task<long> CountAsync(ByteReadChannel input)
    {
        long count = 0;
        byte[] message = new byte[8];
        while (!await input.IsExhaustedAsync().Soon())
        {
            await input.ReadExactlyAsync(message).Soon();
            Assert.That(message[0] is 7 ? message.AsSpan(1).IndexOfAnyExcept((byte)'p') : message.AsSpan().IndexOfAnyExcept((byte)'n'), Is.EqualTo(-1));
            count++;
        }

        return count;
    }

    private static int ReadUntilClosed(ByteReadChannel channel)
    {
        int count = 0;
        while (true)
        {
            try
            {
                count += channel.ReadInt32Async().AsTask().Wait(Waiting.Patience) ? 1 : throw new TimeoutException("There is always more.");
            }
            catch (Exception exception) when (exception is ObjectDisposedException or AggregateException { InnerException: ObjectDisposedException })
            {
                return count;
            }
        }
    }

    private sealed class EndlessSource : IByteSource
    {
        private int _ended;

        public int Ended => Volatile.Read(ref _ended);

        public int TryReceive(SegmentQueue into)
        {
            int count = into.Lease(1).Length;
            into.Commit(count);
            return count;
        }

        public int TryReceive(Span<byte> buffer) => buffer.Length;

        public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("There is always more.");

        public Exception ReadFailure(WaitOutcome signal) => new ObjectDisposedException(nameof(EndlessSource));

        public void InterruptRead()
        {
        }

        public void CompleteReading(Exception? cause) => Interlocked.Increment(ref _ended);
    }
}
