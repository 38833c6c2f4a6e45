using Microsoft.Extensions.Time.Testing;

namespace Sluice.Client.Tests;

/// <summary>Peers that fail, and ends of the channel.</summary>
public sealed class RequestFaultTests(SelectorEngine engine) : RequestFixture(engine)
{
    [Test]
    public async Task A_peer_that_ends_in_the_middle_of_a_reply_fails_all_requests()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task<string> first = channel.SendAsync("first").AsTask();
            Task<string> second = channel.SendAsync("second").AsTask();
            await ReadAsync(peer);
            await ReadAsync(peer);
            await WriteAsync(peer, "1\nhal");
            await peer.CloseAsync().Soon();
            Assert.That(await first.Soon(), Is.EqualTo("1"));
            RequestException exception = await FailureAsync(second);
            Assert.That(exception.Delivery, Is.EqualTo(RequestDelivery.MaybeSent));
            Assert.That(exception.InnerException, Is.InstanceOf<EndOfStreamException>());
            RequestException later = await FailureAsync(channel.SendAsync("later").AsTask());
            Assert.That(later.Delivery, Is.EqualTo(RequestDelivery.NotSent));
        }
    }

    [Test]
    public async Task A_connection_that_is_closed_without_the_channel_is_named([Values] bool manager)
    {
        await using SelectorManager selector = new(new SelectorOptions { Engine = Engine });
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        Connection connection = (await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon()).OpenConnection();
        await using StreamSocket accepted = await accepting.Soon();
        await using RequestChannel<string, string> channel = RequestChannel.Create(connection, new LineProtocol());
        Task<string> pending = channel.SendAsync("first").AsTask();
        if (manager)
        {
            await selector.DisposeAsync().AsTask().Soon();
        }
        else
        {
            connection.Abort();
        }

        string reason = manager ? "because its SelectorManager was disposed" : "was aborted by Abort";
        Assert.That((await FailureAsync(pending)).Message, Does.StartWith("The connection has ended: ").And.Contain(reason));
        Assert.That((await FailureAsync(channel.SendAsync("second").AsTask())).Message, Does.StartWith("The connection has ended: ").And.Contain(reason));
        await channel.DisposeAsync();
        Assert.That((await FailureAsync(channel.SendAsync("third").AsTask())).Message, Does.Contain(reason));
    }

    [Test]
    public async Task A_peer_that_resets_fails_all_requests()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("first").AsTask();
            await ReadAsync(peer);
            peer.Abort();
            Assert.That((await FailureAsync(reply)).Delivery, Is.EqualTo(RequestDelivery.MaybeSent));
        }
    }

    [TestCase("boom\n", typeof(FormatException), TestName = "Garbage_closes_the_connection({a})")]
    [TestCase("1\n2\n", typeof(InvalidDataException), TestName = "More_replies_than_requests_close_the_connection({a})")]
    public async Task Malformed_replies_close_the_connection(string text, Type cause)
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("first").AsTask();
            await ReadAsync(peer);
            await WriteAsync(peer, text);
            await channel.Completion.Soon();
            Assert.That(channel.CloseCause, Is.InstanceOf(cause));
            Exception? outcome = await reply.OutcomeAsync();
            Assert.That(outcome is null, Is.EqualTo(text.StartsWith('1')), "a reply that came before the fault counts");
            Assert.That(await peer.Input.ReadLineAsync().OutcomeAsync(), Is.Null.Or.InstanceOf<IOException>());
        }
    }

    [Test]
    public async Task A_reply_that_is_taken_twice_or_too_early_fails_that_caller_and_no_other()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task echoing = EchoAsync(peer);
            for (int i = 0; i < 100; i++)
            {
#pragma warning disable CA2012 // The mistakes that this is about.
                ValueTask<string> reply = channel.SendAsync("once");
                Exception?[] outcomes = [await TakeAsync(reply, waits: false), await TakeAsync(reply, waits: true), await TakeAsync(reply, waits: true)];
                Assert.That(outcomes.Count(outcome => outcome is null), Is.EqualTo(1));
                Assert.That(outcomes[2], Is.InstanceOf<InvalidOperationException>());
#pragma warning restore CA2012
            }

            Task<string>[] replies = [.. Enumerable.Range(0, 50).Select(i => channel.SendAsync($"{i}").AsTask())];
            Assert.That(await Task.WhenAll(replies).Soon(), Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"{i}")));
            await channel.DisposeAsync().Soon();
            await echoing.OutcomeAsync();
        }

        static async Task<Exception?> TakeAsync(ValueTask<string> reply, bool waits)
        {
            try
            {
                Assert.That(waits ? await reply.ConfigureAwait(false) : reply.GetAwaiter().GetResult(), Is.EqualTo("once"));
                return null;
            }
            catch (InvalidOperationException exception)
            {
                return exception;
            }
        }
    }

    [Test]
    public async Task A_request_may_have_a_time_of_its_own()
    {
        var clock = new FakeTimeProvider();
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options => options.TimeProvider = clock);
        await using (channel)
        {
            Task<string> endless = channel.SendAsync("endless", Timeout.InfiniteTimeSpan).AsTask();
            Task<string> ordinary = channel.SendAsync("ordinary").AsTask();
            Task<string> quick = channel.SendAsync("quick", TimeSpan.FromSeconds(1)).AsTask();
            clock.Advance(TimeSpan.FromSeconds(2));
            Assert.That((await FailureAsync(quick)).Message, Does.Contain("within 1 s"));
            Assert.That(ordinary.IsCompleted, Is.False);
            clock.Advance(TimeSpan.FromSeconds(60));
            await FailureAsync(ordinary);
            clock.Advance(TimeSpan.FromDays(3));
            await WriteAsync(peer, "1\n2\n3\n");
            Assert.That(await endless.Soon(), Is.EqualTo("1"));
        }
    }

    [Test]
    public async Task The_timeout_of_the_socket_ends_only_a_connection_on_which_a_request_waits()
    {
        var clock = new FakeTimeProvider();
        (Connection client, Connection peer) =
            ByteChannel.CreateConnectedPair(new ByteChannelOptions { SocketTimeout = TimeSpan.FromSeconds(8), TimeProvider = clock });
        await using RequestChannel<string, string> channel = RequestChannel.Create(client, new LineProtocol());

        // Waits out several timeouts.
        await PassAsync(clock, () => clock.GetUtcNow() - clock.Start >= TimeSpan.FromSeconds(60));
        Task<string> reply = channel.SendAsync("one").AsTask();
        await WriteAsync(peer, "1\n");
        Assert.That(await reply.Soon(), Is.EqualTo("1"));
        Task<string> unanswered = channel.SendAsync("two").AsTask();
        await PassAsync(clock, () => unanswered.IsCompleted);
        Assert.That((await FailureAsync(unanswered)).InnerException?.InnerException, Is.InstanceOf<TimeoutException>());

        // Second by second, with time for those that wait.
        static Task PassAsync(FakeTimeProvider clock, Func<bool> isEnough) => Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return isEnough();
        });
    }

    [Test]
    public async Task The_timeout_of_the_socket_counts_from_the_request_and_not_from_the_silence_before_it([Values] bool hasIds)
    {
        var clock = new FakeTimeProvider();
        (Connection client, Connection peer) =
            ByteChannel.CreateConnectedPair(new ByteChannelOptions { SocketTimeout = TimeSpan.FromSeconds(8), TimeProvider = clock });
        await using RequestChannel<string, string> channel = hasIds
            ? RequestChannel.Create(client, new IdProtocol(int.MaxValue))
            : RequestChannel.Create(client, new LineProtocol());

        // Each is asked at the end of a silence, and answered when the time of the silence would have passed.
        for (int i = 1; i <= 3; i++)
        {
            await PassAsync(seconds: 7);
            Task<string> reply = channel.SendAsync("ask").AsTask();
            string asked = await ReadAsync(peer);
            await PassAsync(seconds: 4);
            await WriteAsync(peer, asked + "\n");
            Assert.That(await reply.Soon(), Is.EqualTo(asked));
        }

        // Second by second, with time for a timeout that should have no effect.
        async Task PassAsync(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(20);
            }
        }
    }

    [Test]
    public async Task A_message_over_the_limit_closes_the_connection()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task<string> reply = channel.SendAsync("first").AsTask();
            Task writing = peer.Output.WriteStringAsync(new string('x', 400_000)).AsTask();
            Assert.That((await FailureAsync(reply)).InnerException, Is.InstanceOf<LimitExceededException>());
            await writing.OutcomeAsync();
        }
    }

    [Test]
    public async Task Disposal_fails_sent_and_queued_requests()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options => options.MaxInFlight = 1);
        Task<string> sent = channel.SendAsync("sent").AsTask();
        await ReadAsync(peer);
        Task<string> queued = channel.SendAsync("queued").AsTask();
        await channel.DisposeAsync().Soon();
        await channel.DisposeAsync().Soon();
        Assert.That((await FailureAsync(sent)).Delivery, Is.EqualTo(RequestDelivery.MaybeSent));
        Assert.That((await FailureAsync(queued)).Delivery, Is.EqualTo(RequestDelivery.NotSent));
        Assert.That((await FailureAsync(channel.SendAsync("late").AsTask())).InnerException, Is.InstanceOf<ObjectDisposedException>());
        Assert.That(channel.CloseCause, Is.Null);
        Assert.That(await ReadAsync(peer), Is.EqualTo("(end)"));
    }

    [Test]
    public async Task A_caller_may_dispose_of_the_channel_when_its_reply_comes()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        Task disposing = SendAndDisposeAsync();
        await ReadAsync(peer);
        await WriteAsync(peer, "1\n");
        await disposing.Soon();

        async Task SendAndDisposeAsync()
        {
            await channel.SendAsync("x").ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
        }
    }

    [Test]
    public async Task Without_a_peer_that_reads_requests_wait_and_can_be_canceled()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            // More than the kernel's buffers hold.
            string large = new('x', 60_000);
            using var source = new CancellationTokenSource();
            List<Task<string>> replies = [];
            await Waiting.UntilAsync(() =>
            {
                replies.Add(channel.SendAsync(large, source.Token).AsTask());
                return channel.Queued > 5;
            });
            Task post = channel.PostAsync("post", source.Token).AsTask();
            Assert.That(replies.Any(reply => reply.IsCompleted), Is.False);
            await source.CancelAsync();
            foreach (Task<string> reply in replies)
            {
                Assert.That(await reply.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            }

            Assert.That(await post.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(channel.Queued, Is.Zero);
            peer.Abort();
        }
    }

    [Test]
    public async Task A_request_that_times_out_in_the_queue_was_not_sent_and_one_that_was_sent_may_have_arrived()
    {
        var clock = new FakeTimeProvider();
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options =>
        {
            options.MaxInFlight = 1;
            options.RequestTimeout = TimeSpan.FromSeconds(5);
            options.TimeProvider = clock;
        });
        await using (channel)
        {
            Task<string> sent = channel.SendAsync("sent").AsTask();
            await ReadAsync(peer);
            Task<string> queued = channel.SendAsync("queued").AsTask();
            clock.Advance(TimeSpan.FromSeconds(4.9));
            Task<string> young = channel.SendAsync("young").AsTask();
            Assert.That(sent.IsCompleted, Is.False);
            clock.Advance(TimeSpan.FromSeconds(0.2));
            RequestException exception = await FailureAsync(sent);
            Assert.That(exception.InnerException, Is.InstanceOf<TimeoutException>());
            Assert.That(exception.Delivery, Is.EqualTo(RequestDelivery.MaybeSent));
            Assert.That((await FailureAsync(queued)).Delivery, Is.EqualTo(RequestDelivery.NotSent));
            Assert.That(young.IsCompleted, Is.False);
            await WriteAsync(peer, "late\n");
            Assert.That(await ReadAsync(peer), Is.EqualTo("young"));
            await WriteAsync(peer, "in time\n");
            Assert.That(await young.Soon(), Is.EqualTo("in time"));
        }
    }
}
