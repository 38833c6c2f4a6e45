using System.Buffers;
using Sluice.Channels.Buffers;

namespace Sluice.Tests.Channels.Buffers;

[Parallelizable]
public sealed class SegmentQueueTests
{
    [TestCase(21)]
    [TestCase(22)]
    public void What_is_moved_from_queue_to_queue_stays_in_order_and_takes_no_more_room_than_it_needs(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var pool = new CountingPool(int.MaxValue);
        var from = new SegmentQueue(pool);
        var to = new SegmentQueue(pool);
        long written = 0;
        long read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int size = random.Next(10) == 0 ? random.Next(100_000) : random.Next(50);
            switch (random.Next(4))
            {
                case 0:
                    from.Write(Pattern.Bytes(size, written));
                    written += size;
                    break;
                case 1:
                    // Where a queue begins within a segment, that one cannot be moved as it is.
                    int few = (int)Math.Min(from.Length, random.Next(100));
                    to.Write(from.Bytes.Slice(0, few).ToArray());
                    from.Consume(few);
                    break;
                case 2:
                    from.MoveTo(to);
                    Assert.That(from.Length, Is.Zero);
                    break;
                default:
                    int taken = (int)Math.Min(to.Length, size);
                    Pattern.Check(to.Bytes.Slice(0, taken).ToArray(), read);
                    to.Consume(taken);
                    read += taken;
                    break;
            }

            Assert.That(from.Length + to.Length, Is.EqualTo(written - read));
            Assert.That(pool.Out, Is.LessThanOrEqualTo((4 * (from.Length + to.Length) / SegmentQueue.SmallestSegment) + 8));
        }

        from.MoveTo(to);
        Pattern.Check(to.Bytes.ToArray(), read);
        to.Clear();
        Assert.That(pool.Out, Is.Zero);
    }

    [TestCase(11)]
    [TestCase(12)]
    [TestCase(13)]
    public void A_queue_behaves_as_a_list_of_bytes_whatever_is_done_to_it(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var pool = new CountingPool(seed % 2 == 0 ? 4096 : int.MaxValue);
        var queue = new SegmentQueue(pool);
        var model = new List<byte>();
        long written = 0;
        Memory<byte> lease = default;

        for (int i = 0; i < 20_000; i++)
        {
            int size = random.Next(10) == 0 ? random.Next(100_000) : random.Next(3000);
            switch (random.Next(queue.IsLeased ? 5 : 9))
            {
                case 0:
                    lease = queue.Lease(size);
                    Assert.That(lease.Length, Is.GreaterThanOrEqualTo(Math.Max(size, 1)));
                    break;
                case 1 or 2 or 3:
                    int consumed = random.Next(model.Count + 1);
                    queue.Consume(consumed);
                    model.RemoveRange(0, consumed);
                    break;
                case 4 when queue.IsLeased:
                    if (random.Next(4) == 0)
                    {
                        queue.EndLease();
                        break;
                    }

                    int count = random.Next(Math.Min(lease.Length, 5000) + 1);
                    byte[] committed = Pattern.Bytes(count, written);
                    written += count;
                    committed.CopyTo(lease);
                    queue.Commit(count);
                    model.AddRange(committed);
                    break;
                case 5:
                    byte[] front = Pattern.Bytes(Math.Min(size, 5000), written);
                    written += front.Length;
                    queue.Unread(front);
                    model.InsertRange(0, front);
                    break;
                case 6 when random.Next(20) == 0:
                    queue.Clear();
                    model.Clear();
                    break;
                case 7 or 8:
                    byte[] bytes = Pattern.Bytes(size, written);
                    written += size;
                    queue.Write(bytes);
                    model.AddRange(bytes);
                    break;
                default:
                    break;
            }

            Assert.That(queue.Length, Is.EqualTo(model.Count));
            ReadOnlySequence<byte> there = queue.Bytes;
            Assert.That(there.Length, Is.EqualTo(model.Count));
            Assert.That(there.First.IsEmpty, Is.EqualTo(model.Count == 0), "a sink that takes a segment at a time always has something to take");
            if (i % 10 == 0)
            {
                Assert.That(there.ToArray().AsSpan().SequenceEqual([.. model]), Is.True);
            }

            if (model.Count == 0 && !queue.IsLeased)
            {
                Assert.That(pool.Out, Is.Zero, "an empty queue holds no memory");
            }
        }

        if (queue.IsLeased)
        {
            queue.EndLease();
        }

        queue.Clear();
        Assert.That(pool.Out, Is.Zero);
        Assert.That(pool.Rented, Is.Positive);
    }

    [Test]
    public void Memory_that_is_leased_stays_although_all_before_it_is_consumed()
    {
        using var pool = new CountingPool(int.MaxValue);
        var queue = new SegmentQueue(pool);
        queue.Write("abc"u8);
        Memory<byte> lease = queue.Lease(10);
        queue.Consume(3);
        "def"u8.CopyTo(lease.Span);
        queue.Commit(3);

        Assert.That(queue.Bytes.ToArray(), Is.EqualTo("def"u8.ToArray()));
        queue.Consume(3);
        Assert.That(pool.Out, Is.Zero);
    }

    [Test]
    public void Segments_grow_while_they_fill_up_and_shrink_when_they_do_not()
    {
        var queue = new SegmentQueue(null);
        int Fill()
        {
            int length = queue.Lease(1).Length;
            queue.Commit(length);
            queue.Consume(length);
            return length;
        }

        int[] sizes = [.. Enumerable.Range(0, 6).Select(_ => Fill())];
        Assert.That(sizes, Is.EqualTo((int[])[4096, 8192, 16_384, 32_768, 65_536, 65_536]));

        for (int i = 0; i < 4; i++)
        {
            queue.Lease(1);
            queue.Commit(1);
            queue.Consume(1);
        }

        Assert.That(Fill(), Is.EqualTo(4096));
    }

    [Test]
    public void Committing_more_than_was_leased_is_refused()
    {
        var queue = new SegmentQueue(null);
        Assert.Throws<InvalidOperationException>(() => queue.Commit(1));
        int length = queue.Lease(1).Length;
        Assert.Throws<InvalidOperationException>(() => queue.Commit(length + 1));
        queue.Write("abc"u8);
        Assert.That(queue.Bytes.ToArray(), Is.EqualTo("abc"u8.ToArray()));
    }

    /// <summary>Counts what is out, spoils what comes back, and refuses to take it twice.</summary>
    private sealed class CountingPool(int largest) : MemoryPool<byte>
    {
        public override int MaxBufferSize => largest;

        public int Rented { get; private set; }

        public int Out { get; private set; }

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, largest);
            Rented++;
            Out++;
            return new Block(this, minBufferSize);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Block(CountingPool pool, int size) : IMemoryOwner<byte>
        {
            private byte[]? _array = new byte[size];

            public Memory<byte> Memory => _array;

            public void Dispose()
            {
                Assert.That(_array, Is.Not.Null, "returned twice");
                _array.AsSpan().Fill(0xEE);
                _array = null;
                pool.Out--;
            }
        }
    }
}
