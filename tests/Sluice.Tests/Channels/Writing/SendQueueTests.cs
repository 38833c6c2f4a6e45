using Sluice.Channels.InMemory;
using Sluice.Channels.Writing;

namespace Sluice.Tests.Channels.Writing;

[TestFixture]
[Parallelizable]
public sealed class SendQueueTests
{
    /// <summary>Another thread may shut the output down after a write has found it open.</summary>
    [Test]
    public void Nothing_is_sent_past_the_queue_behind_the_end()
    {
        var pipe = new MemoryPipe(new ByteChannelOptions(), from: null, to: null);
        var queue = new SendQueue(pipe, pool: null);
        queue.Complete();

        int sent = queue.TrySendDirect(new byte[10]);

        Assert.That(sent, Is.Zero);
        Assert.That(queue.Failure, Is.Null);
        Assert.That(pipe.TryReceive(new byte[10]), Is.Zero);
    }

    [Test]
    public void Memory_of_a_pool_is_used_outside_the_lock_and_returned([Values] bool inArray)
    {
        SendQueue? queue = null;
        bool isFree = true;
        var pool = new CallerPool(inArray, () => isFree = isFree && Task.Run(() => queue!.Length).Wait(TimeSpan.FromSeconds(10)));
        var pipe = new MemoryPipe(new ByteChannelOptions(), from: null, to: null);
        queue = new SendQueue(pipe, pool);
        byte[] sent = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];
        Assert.That(queue.TryBeginWrite(), Is.True);
        for (int i = 0; i < sent.Length; i += 100)
        {
            Assert.That(queue.TryAppend(sent.AsSpan(i, 100), flush: false), Is.True);
        }

        Assert.That(isFree, Is.True);
        queue.EndWrite();
        queue.Send();
        byte[] received = new byte[sent.Length];
        Assert.That(pipe.TryReceive(received), Is.EqualTo(sent.Length));
        Assert.That(received, Is.EqualTo(sent));
        Assert.That((pool.Rented, pool.Pinned), Is.EqualTo((0, 0)));
        Assert.That(isFree, Is.True);
    }

    [Test]
    public void A_large_write_whose_connection_fails_in_the_middle_throws([Values] bool blocking)
    {
        var output = new ByteWriteChannel(new FailingSink(sends: 1), pool: null, autoFlush: true);
        byte[] bytes = new byte[4 * ByteWriteChannel.HighWaterMark];
        Assert.That(
            async () =>
            {
                if (blocking)
                {
                    output.WriteBlocking(bytes, Timeout.InfiniteTimeSpan);
                }
                else
                {
                    await output.WriteAsync(bytes);
                }
            },
            Throws.InstanceOf<IOException>().With.Message.EqualTo("The connection was reset."));
        Assert.That(output.TotalBytesWritten, Is.LessThan(bytes.Length));
    }

    [Test]
    public async Task An_exception_of_any_type_ends_the_output_and_no_flush_waits_after_it()
    {
        var output = new ByteWriteChannel(new FailingSink(sends: 0, new NotSupportedException("a sink")), pool: null, autoFlush: false);
        await output.WriteAsync(new byte[1]);
        for (int i = 0; i < 3; i++)
        {
            Assert.That(await Waiting.FailureAsync(() => output.FlushAsync()).Soon(), Is.InstanceOf<IOException>().With.Message.EqualTo("a sink"));
        }
    }
}
