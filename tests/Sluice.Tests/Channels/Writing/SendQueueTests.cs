using Sluice.Channels.InMemory;
using Sluice.Channels.Writing;

namespace Sluice.Tests.Channels.Writing;

[TestFixture]
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
}
