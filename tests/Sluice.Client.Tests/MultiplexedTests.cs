namespace Sluice.Client.Tests;

/// <summary>Requests whose replies carry an id.</summary>
public sealed class MultiplexedTests(SelectorEngine engine) : RequestFixture(engine)
{
    [Test]
    public async Task Replies_may_come_in_any_order()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenMultiplexedAsync();
        await using (channel)
        {
            Task<string>[] replies = [.. Names.Select(name => channel.SendAsync(name).AsTask())];
            var lines = new List<string>();
            foreach (string _ in Names)
            {
                lines.Add(await ReadAsync(peer));
            }

            lines.Reverse();
            await WriteAsync(peer, string.Concat(lines.Select(line => line + "\n")));
            Assert.That((await Task.WhenAll(replies).Soon()).Select(IdProtocol.TextOf), Is.EqualTo(Names));
            Assert.That(channel.InFlight, Is.Zero);
        }
    }

    [Test]
    public async Task A_late_reply_is_discarded_and_its_id_is_not_used_before()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenMultiplexedAsync(maxId: 2);
        await using (channel)
        {
            using var source = new CancellationTokenSource();
            Task<string> canceled = channel.SendAsync("late", source.Token).AsTask();
            string late = await ReadAsync(peer);
            await source.CancelAsync();
            Assert.That(await canceled.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(channel.InFlight, Is.Zero);
            for (int i = 0; i < 3; i++)
            {
                Task<string> reply = channel.SendAsync("next").AsTask();
                string next = await ReadAsync(peer);
                Assert.That(next, Is.EqualTo("2 next"));
                await WriteAsync(peer, next + "\n");
                Assert.That(await reply.Soon(), Is.EqualTo(next));
            }

            await WriteAsync(peer, late + "\n");
            Task<string> last = channel.SendAsync("last").AsTask();
            Assert.That(await ReadAsync(peer), Does.EndWith("last"));
            await WriteAsync(peer, "1 last\n");
            await last.OutcomeAsync();
        }
    }

    [Test]
    public async Task With_all_ids_in_use_a_request_is_refused()
    {
        (RequestChannel<string, string> channel, Connection _) = await OpenMultiplexedAsync(maxId: 2);
        await using (channel)
        {
            Task<string>[] pending = [channel.SendAsync("a").AsTask(), channel.SendAsync("b").AsTask()];
            Assert.That((await FailureAsync(channel.SendAsync("c").AsTask())).Delivery, Is.EqualTo(RequestDelivery.NotSent));
            await channel.DisposeAsync().Soon();
            await FailureAsync(pending[0]);
            await FailureAsync(pending[1]);
        }
    }

    [Test]
    public async Task A_reply_to_an_unknown_request_closes_the_connection()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenMultiplexedAsync();
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("a").AsTask();
            await WriteAsync(peer, "7 what\n");
            RequestException exception = await FailureAsync(reply);
            Assert.That(exception.InnerException, Is.InstanceOf<InvalidDataException>());
            await channel.Completion.Soon();
            Assert.That(channel.CloseCause, Is.InstanceOf<InvalidDataException>());
        }
    }

    [Test]
    public async Task A_peer_that_leaves_too_many_requests_unanswered_is_given_up()
    {
        (RequestChannel<string, string> channel, Connection _) = await OpenMultiplexedAsync(options => options.MaxInFlight = 3);
        await using (channel)
        {
            for (int i = 0; i < 4; i++)
            {
                using var source = new CancellationTokenSource();
                Task<string> reply = channel.SendAsync("a", source.Token).AsTask();
                await source.CancelAsync();
                await reply.OutcomeAsync();
            }

            await channel.Completion.Soon();
            Assert.That(channel.CloseCause, Is.InstanceOf<TimeoutException>());
        }
    }
}
