using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sluice.Client.Tests;

/// <summary>Requests whose replies come in their order.</summary>
public sealed class PipelinedTests(SelectorEngine engine) : RequestFixture(engine)
{
    [Test]
    public async Task Each_of_many_callers_gets_its_own_reply()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task echoing = EchoAsync(peer);
            await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
            {
                await Task.Yield();
                for (int i = 0; i < 200; i++)
                {
                    string request = $"{caller}:{i}";
                    Assert.That(await channel.SendAsync(request), Is.EqualTo(request));
                }
            })).Soon();
            Assert.That((channel.InFlight, channel.Queued), Is.EqualTo((0, 0)));
            await channel.DisposeAsync().Soon();
            await echoing.OutcomeAsync();
        }
    }

    [Test]
    public async Task Requests_arrive_in_the_order_of_the_calls()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task<string>[] replies = [.. Names.Select(name => channel.SendAsync(name).AsTask())];
            foreach (string name in Names)
            {
                Assert.That(await ReadAsync(peer), Is.EqualTo(name));
            }

            await WriteAsync(peer, "1\n2\n3\n");
            Assert.That(await Task.WhenAll(replies).Soon(), Is.EqualTo(["1", "2", "3"]));
        }
    }

    [Test]
    public async Task A_reply_that_comes_byte_by_byte_is_one()
    {
        (Connection client, Connection peer) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { MaxFragment = 1 });
        await using RequestChannel<string, string> channel = RequestChannel.Create(client, new LineProtocol());
        Task echoing = EchoAsync(peer);
        for (int i = 0; i < 10; i++)
        {
            Assert.That(await channel.SendAsync("hello").Soon(), Is.EqualTo("hello"));
        }

        await channel.DisposeAsync().Soon();
        await echoing.OutcomeAsync();
    }

    [Test]
    public async Task A_canceled_request_does_not_disturb_the_others()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            using var source = new CancellationTokenSource();
            Task<string> first = channel.SendAsync("first", source.Token).AsTask();
            Task<string> second = channel.SendAsync("second").AsTask();
            await source.CancelAsync();
            Exception? exception = await first.OutcomeAsync();
            Assert.That(exception, Is.InstanceOf<OperationCanceledException>());
            Assert.That(channel.InFlight, Is.EqualTo(2), "the place of the first stays until its reply comes");
            await WriteAsync(peer, "1\n2\n");
            Assert.That(await second.Soon(), Is.EqualTo("2"));
            Assert.That(channel.InFlight, Is.Zero);
        }
    }

    [Test]
    public async Task A_token_that_is_canceled_before_the_call_sends_nothing()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Assert.That(await channel.SendAsync("never", new CancellationToken(canceled: true)).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            Task<string> reply = channel.SendAsync("sent").AsTask();
            Assert.That(await ReadAsync(peer), Is.EqualTo("sent"));
            await WriteAsync(peer, "ok\n");
            await reply.Soon();
        }
    }

    [Test]
    public async Task Further_requests_wait_for_room_in_their_order()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options => options.MaxInFlight = 2);
        await using (channel)
        {
            Task<string>[] replies = [.. Enumerable.Range(0, 6).Select(i => channel.SendAsync(i.ToString(CultureInfo.InvariantCulture)).AsTask())];
            Assert.That((channel.InFlight, channel.Queued), Is.EqualTo((2, 4)));
            for (int i = 0; i < 6; i++)
            {
                Assert.That(await ReadAsync(peer), Is.EqualTo(i.ToString(CultureInfo.InvariantCulture)));
                Assert.That(peer.Input.AvailableForRead, Is.LessThanOrEqualTo(2));
                await WriteAsync(peer, $"r{i}\n");
                Assert.That(await replies[i].Soon(), Is.EqualTo($"r{i}"));
            }
        }
    }

    [Test]
    public async Task A_request_that_is_canceled_in_the_queue_is_never_sent()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options => options.MaxInFlight = 1);
        await using (channel)
        {
            using var source = new CancellationTokenSource();
            Task<string> first = channel.SendAsync("first").AsTask();
            Task<string> canceled = channel.SendAsync("canceled", source.Token).AsTask();
            Task<string> last = channel.SendAsync("last").AsTask();
            await source.CancelAsync();
            Assert.That(await canceled.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(await ReadAsync(peer), Is.EqualTo("first"));
            await WriteAsync(peer, "1\n");
            await first.Soon();
            Assert.That(await ReadAsync(peer), Is.EqualTo("last"));
            await WriteAsync(peer, "2\n");
            Assert.That(await last.Soon(), Is.EqualTo("2"));
        }
    }

    [Test]
    public async Task Too_many_waiting_requests_are_refused_at_once()
    {
        (RequestChannel<string, string> channel, Connection _) = await OpenAsync(options =>
        {
            options.MaxInFlight = 1;
            options.MaxQueued = 2;
        });
        await using (channel)
        {
            Task<string>[] replies = [.. Enumerable.Range(0, 3).Select(i => channel.SendAsync("x").AsTask())];
            RequestException refused = await FailureAsync(channel.SendAsync("x").AsTask());
            Assert.That(refused.Delivery, Is.EqualTo(RequestDelivery.NotSent));
            Assert.That(replies.Any(reply => reply.IsCompleted), Is.False);
            await channel.DisposeAsync().Soon();
            foreach (Task<string> reply in replies)
            {
                await FailureAsync(reply);
            }
        }
    }

    [Test]
    public async Task Requests_larger_than_the_buffer_are_sent_whole_and_in_order()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Task echoing = EchoLengthsAsync(peer);
            int[] sizes = [200_000, 10, 70_000, 3, 300_000, 1];
            Task<string>[] replies = [.. sizes.Select(size => channel.SendAsync(new string('x', size)).AsTask())];
            Assert.That(await Task.WhenAll(replies).Soon(), Is.EqualTo(sizes.Select(size => $"{size}")));
            await channel.DisposeAsync().Soon();
            await echoing.OutcomeAsync();
        }

        static async Task EchoLengthsAsync(Connection peer)
        {
            while (await peer.Input.ReadLineAsync(new LineReadOptions { MaxLength = 1_000_000 }) is { } line)
            {
                await peer.Output.WriteStringAsync($"{line.Length}\n");
            }
        }
    }

    [Test]
    public async Task A_request_that_cannot_be_encoded_fails_alone()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            Assert.That(await channel.SendAsync("unencodable").OutcomeAsync(), Is.InstanceOf<FormatException>());
            Task<string> reply = channel.SendAsync("fine").AsTask();
            Assert.That(await ReadAsync(peer), Is.EqualTo("fine"));
            await WriteAsync(peer, "1\n");
            Assert.That(await reply.Soon(), Is.EqualTo("1"));
        }
    }

    [Test]
    public async Task A_message_without_a_reply_takes_no_place()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options => options.MaxInFlight = 1);
        await using (channel)
        {
            await channel.PostAsync("one").Soon();
            Task<string> reply = channel.SendAsync("two").AsTask();
            await channel.PostAsync("three").Soon();
            foreach (string expected in (string[])["one", "two", "three"])
            {
                Assert.That(await ReadAsync(peer), Is.EqualTo(expected));
            }

            await WriteAsync(peer, "2\n");
            Assert.That(await reply.Soon(), Is.EqualTo("2"));
        }
    }

    [Test]
    public async Task The_length_of_a_reply_may_depend_on_its_request()
    {
        (Connection client, Connection peer) = await ConnectPairAsync();
        await using RequestChannel<string, string> channel = RequestChannel.Create(client, new BodyProtocol());
        Task<string>[] replies = [channel.SendAsync("GET").AsTask(), channel.SendAsync("HEAD").AsTask(), channel.SendAsync("GET").AsTask()];
        await WriteAsync(peer, "3\nabc3\n2\n");
        await replies[1].Soon();
        await WriteAsync(peer, "de");
        Assert.That(await Task.WhenAll(replies).Soon(), Is.EqualTo(["3abc", "3", "2de"]));
    }

    [Test]
    public async Task Callers_that_compute_for_long_are_moved_to_the_thread_pool()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            int onPool = 0;
            Task[] callers = [.. Enumerable.Range(0, 20).Select(async _ =>
            {
                await channel.SendAsync("x").ConfigureAwait(false);
                Interlocked.Add(ref onPool, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
                long started = Environment.TickCount64;
                SpinWait.SpinUntil(() => Environment.TickCount64 - started >= 2);
            })];

            // In one write, so that all come together.
            await WriteAsync(peer, string.Concat(Enumerable.Repeat("x\n", 20)));
            await Task.WhenAll(callers).Soon();
            Assert.That(onPool, Is.Positive);
        }
    }

    [Test]
    public async Task A_blocked_caller_holds_up_no_other()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync();
        await using (channel)
        {
            using var release = new ManualResetEventSlim();
            Task<string> blocked = BlockAsync();
            Task<string>[] others = [.. Enumerable.Range(0, 20).Select(async _ =>
            {
                await channel.SendAsync("x").ConfigureAwait(false);
                return await channel.SendAsync("y").ConfigureAwait(false);
            })];
            Task echoing = EchoAsync(peer);
            await Task.WhenAll(others).Soon();
            Assert.That(blocked.IsCompleted, Is.False);
            release.Set();
            await blocked.Soon();
            await channel.DisposeAsync().Soon();
            await echoing.OutcomeAsync();

            async Task<string> BlockAsync()
            {
                string reply = await channel.SendAsync("blocks").ConfigureAwait(false);
                release.Wait(Patience);
                return reply;
            }
        }
    }

    /// <summary>A reply is the length of a body and the body, which is missing after HEAD.</summary>
    private sealed class BodyProtocol : IPipelinedProtocol<string, string>
    {
        private readonly LineProtocol _lines = new();

        public long MaxBuffered => 100;

        public void Encode(string frame, IBufferWriter<byte> output) => _lines.Encode(frame, output);

        public bool TryDecode(in FrameInput input, out string frame, out long consumed) => _lines.TryDecode(input, out frame, out consumed);

        public bool TryDecodeReply(string request, in FrameInput input, out string reply, out long consumed)
        {
            if (!_lines.TryDecode(input, out reply, out consumed) || request == "HEAD")
            {
                return consumed > 0;
            }

            int length = int.Parse(reply, CultureInfo.InvariantCulture);
            if (input.Buffered.Length < consumed + length)
            {
                return false;
            }

            reply += Encoding.UTF8.GetString(input.Buffered.Slice(consumed, length));
            consumed += length;
            return true;
        }
    }
}
