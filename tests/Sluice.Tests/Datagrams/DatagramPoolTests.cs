using System.Buffers;

namespace Sluice.Tests.Datagrams;

/// <summary>The pool of a manager, as datagrams use it: no datagram that has arrived is lost because of it.</summary>
public sealed class DatagramPoolTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_datagram_that_is_longer_than_the_blocks_of_the_pool_arrives()
    {
        using var pool = new TrackingPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        await using DatagramSocket receiver = await selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        byte[] sent = Pattern.Bytes(pool.MaxBufferSize + 1);

        await sender.SendAsync(sent).Soon();
        using Datagram datagram = await receiver.ReceiveAsync().Soon();

        Assert.That(datagram.Payload.Span.SequenceEqual(sent), Is.True);
    }

    [Test]
    public async Task A_pool_that_throws_loses_no_datagram([Values] bool batches)
    {
        using var pool = new TrackingPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        await using DatagramSocket receiver = await selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        for (byte i = 0; i < 6; i++)
        {
            await sender.SendAsync(new[] { i }).Soon();
        }

        var received = new List<byte>();
        int failures = 0;
        pool.FailAfter(2);
        while (received.Count < 6)
        {
            try
            {
                received.AddRange(batches ? await ReceiveBatchAsync(receiver) : [await ReceiveAsync(receiver)]);
            }
            catch (TrackingPool.OutOfBlocksException)
            {
                failures++;
                pool.FailAfter(2);
            }
        }

        Assert.That(received, Is.EqualTo(new byte[] { 0, 1, 2, 3, 4, 5 }));
        Assert.That(failures, Is.GreaterThan(0));
        await pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task A_block_that_is_too_short_is_returned()
    {
        var pool = new ShortPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        await using DatagramSocket receiver = await selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        await sender.SendAsync(new byte[100]).Soon();

        Assert.ThrowsAsync<InvalidOperationException>(async () => await receiver.ReceiveAsync());

        Assert.That((pool.Rents, pool.Returns), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task The_largest_batches_of_the_largest_datagrams_are_received()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options =>
        {
            options.MaxDatagramSize = 16 * 1024 * 1024;
            options.ReceiveBatchSize = 256;
        });
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);

        await sender.SendAsync("hello"u8.ToArray()).Soon();
        using Datagram datagram = await receiver.ReceiveAsync().Soon();

        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("hello"u8.ToArray()));
    }

    private static async Task<byte> ReceiveAsync(DatagramSocket receiver)
    {
        using Datagram datagram = await receiver.ReceiveAsync().Soon();
        return datagram.Payload.Span[0];
    }

    private static async Task<byte[]> ReceiveBatchAsync(DatagramSocket receiver)
    {
        var datagrams = new Datagram[4];
        int count = await receiver.ReceiveBatchAsync(datagrams).Soon();
        byte[] bytes = [.. datagrams.Take(count).Select(datagram => datagram.Payload.Span[0])];
        Array.ForEach(datagrams[..count], datagram => datagram.Dispose());
        return bytes;
    }

    private sealed class ShortPool : MemoryPool<byte>
    {
        public int Rents { get; private set; }

        public int Returns { get; private set; }

        public override int MaxBufferSize => 4096;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            Rents++;
            return new Block(this);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Block(ShortPool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[10];

            public void Dispose() => pool.Returns++;
        }
    }
}
