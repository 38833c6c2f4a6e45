namespace Sluice.Client.Tests;

/// <summary>Messages that the peer sends without a request.</summary>
public sealed class PushTests(SelectorEngine engine) : RequestFixture(engine)
{
    [Test]
    public async Task Pushes_come_beside_replies()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("a").AsTask();
            await WriteAsync(peer, ">1\nr\n>2\n");
            Assert.That(await reply.Soon(), Is.EqualTo("r"));
            Assert.That(await channel.Pushes.ReadAsync().Soon(), Is.EqualTo(">1"));
            Assert.That(await channel.Pushes.ReadAsync().Soon(), Is.EqualTo(">2"));
            await peer.CloseAsync().Soon();
            Assert.That(await channel.Pushes.Completion.OutcomeAsync(), Is.InstanceOf<EndOfStreamException>());
        }
    }

    [TestCase(PushOverflow.DropOldest, ">3", TestName = "The_oldest_pushes_are_dropped({a})")]
    [TestCase(PushOverflow.DropNewest, ">1", TestName = "The_newest_pushes_are_dropped({a})")]
    public async Task Pushes_that_are_not_read_are_dropped(PushOverflow overflow, string kept)
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options =>
        {
            options.PushCapacity = 2;
            options.PushOverflow = overflow;
        });
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("a").AsTask();
            await WriteAsync(peer, ">1\n>2\n>3\n>4\nr\n");
            await reply.Soon();
            Assert.That(channel.DroppedPushes, Is.EqualTo(2));
            Assert.That(await channel.Pushes.ReadAsync().Soon(), Is.EqualTo(kept));
        }
    }

    [Test]
    public async Task Pushes_that_are_not_read_slow_the_peer_down()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options =>
        {
            options.PushCapacity = 1;
            options.PushOverflow = PushOverflow.Wait;
        });
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("a").AsTask();
            await WriteAsync(peer, ">1\n>2\n>3\nr\n");
            foreach (string expected in (string[])[">1", ">2", ">3"])
            {
                Assert.That(await channel.Pushes.ReadAsync().Soon(), Is.EqualTo(expected));
            }

            Assert.That(await reply.Soon(), Is.EqualTo("r"));
        }
    }

    [Test]
    public async Task A_channel_that_waits_for_room_for_a_push_can_be_disposed_of()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options =>
        {
            options.PushCapacity = 1;
            options.PushOverflow = PushOverflow.Wait;
        });
        Task<string> reply = channel.SendAsync("a").AsTask();
        await WriteAsync(peer, ">1\n>2\n>3\nr\n");
        await channel.Pushes.WaitToReadAsync().Soon();
        await channel.DisposeAsync().Soon();
        await FailureAsync(reply);
    }

    [Test]
    public async Task Pushes_that_are_not_read_close_the_connection()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options =>
        {
            options.PushCapacity = 1;
            options.PushOverflow = PushOverflow.Close;
        });
        await using (channel)
        {
            await WriteAsync(peer, ">1\n>2\n");
            await channel.Completion.Soon();
            Assert.That(channel.CloseCause, Is.InstanceOf<InvalidOperationException>());
        }
    }
}
