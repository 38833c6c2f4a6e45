namespace Sluice.Tests.Channels.Reading;

/// <summary>What holds for every way to read, on every kind of channel.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ReadOperationTests(SelectorEngine engine) : BothEngines(engine)
{
    private const string Tail = "~tail";

    private static readonly string[] s_kinds = ["socket", "view of a socket", "byte channel", "pipe", "stream"];

    private static IEnumerable<ReadOperation> Operations => ReadOperations.All;

    private static IEnumerable<ReadOperation> Limited => ReadOperations.All.Where(operation => operation.HasLimit);

    [TestCaseSource(nameof(Operations))]
    public async Task Of_bytes_in_memory_a_read_takes_just_its_own(object given)
    {
        var operation = (ReadOperation)given;
        ByteReadChannel input = ByteReadChannel.FromBytes((byte[])[.. operation.Given, .. operation.NeedsEnd ? [] : Bytes(Tail)]);
        Assert.That(await operation.RunAsync(input, CancellationToken.None).Soon(), Is.EqualTo(operation.Result));
        Assert.That(input.TotalBytesRead, Is.EqualTo(operation.Consumed));
        await CheckRestAsync(input, operation);
    }

    [Test]
    public async Task A_read_cancelled_wherever_it_waits_loses_nothing_and_doubles_nothing(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var operation = (ReadOperation)given;
        Feed feed = await FeedAsync(kind);
        for (int there = 0; there < operation.Given.Length + (operation.NeedsEnd ? 1 : 0); there++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<string> reading = operation.RunAsync(feed.Input, cancellation.Token);
            Assert.That(reading.IsCompleted, Is.False, $"with {there} bytes");
            if (there < operation.Given.Length)
            {
                // It sees the byte before it is cancelled, or after, or does not: all the same.
                await feed.WriteAsync(operation.Given[there..(there + 1)]).Soon();
            }

            if (there < operation.Given.Length - 1 || operation.NeedsEnd)
            {
                await cancellation.CancelAsync();
                OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => reading.Soon())!;
                Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));
                Assert.That(operation.TakesAsItGoes || feed.Input.TotalBytesRead == 0, Is.True);
                if (operation.TakesAsItGoes)
                {
                    // What it has taken is said, and no more is gone.
                    Assert.That(feed.Input.TotalBytesRead, Is.InRange(0, there + 1));
                    return;
                }
            }
            else
            {
                Assert.That(await reading.Soon(), Is.EqualTo(operation.Result));
            }
        }

        if (operation.NeedsEnd)
        {
            await feed.EndAsync().Soon();
            Assert.That(await operation.RunAsync(feed.Input, CancellationToken.None).Soon(), Is.EqualTo(operation.Result));
            return;
        }

        await feed.WriteAsync(Bytes(Tail)).Soon();
        await feed.EndAsync().Soon();
        await CheckRestAsync(feed.Input, operation);
    }

    [Test]
    public async Task At_the_end_of_the_stream_a_read_ends_as_documented(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var operation = (ReadOperation)given;
        for (int there = 0; there < operation.Given.Length; there++)
        {
            Feed feed = await FeedAsync(kind);
            byte[] had = operation.Given[..there];
            await feed.WriteAsync(had).Soon();
            await feed.EndAsync().Soon();

            if (operation.AtEnd(had) is { } expected)
            {
                Assert.That(await operation.RunAsync(feed.Input, CancellationToken.None).Soon(), Is.EqualTo(expected), $"after {there} bytes");
                continue;
            }

            EndOfStreamException failure = Assert.ThrowsAsync<EndOfStreamException>(() => operation.RunAsync(feed.Input, CancellationToken.None).Soon())!;
            Assert.That(failure.Message, Does.Contain($" {there} "));
            if (!operation.TakesAsItGoes)
            {
                Assert.That(await feed.Input.ReadToEndAsync(1000).Soon(), Is.EqualTo(had));
            }
        }
    }

    [Test]
    public async Task A_second_read_is_refused_at_once_and_the_first_goes_on(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var first = (ReadOperation)given;
        Feed feed = await FeedAsync(kind);
        Task<string> reading = first.RunAsync(feed.Input, CancellationToken.None);
        foreach (ReadOperation second in Operations)
        {
            Assert.That(await FailureAsync(second, feed.Input), Is.InstanceOf<InvalidOperationException>(), second.Name);
        }

        Assert.Throws<InvalidOperationException>(() => feed.Input.TryRead(new byte[1], out _));
        await feed.WriteAsync(first.Given).Soon();
        await feed.EndAsync().Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(first.Result));
    }

    [Test]
    public async Task Cancelling_the_channel_ends_every_read_with_the_cause(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var operation = (ReadOperation)given;
        Feed feed = await FeedAsync(kind);
        Task<string> reading = operation.RunAsync(feed.Input, CancellationToken.None);
        var cause = new FormatException("enough");
        feed.Input.Cancel(cause);
        feed.Input.Cancel(new FormatException("the second does not count"));

        Assert.That(await reading.OutcomeAsync(), Is.SameAs(cause));
        Assert.That(await FailureAsync(operation, feed.Input), Is.SameAs(cause));
        Assert.That(feed.Input.CloseCause, Is.SameAs(cause));
        Assert.That(feed.Input.IsClosedForRead, Is.True);
        Assert.That(feed.Input.AvailableForRead, Is.Zero);
    }

    [TestCaseSource(nameof(Limited))]
    public async Task However_much_the_peer_sends_no_more_is_buffered_than_the_limit_and_a_receive(object given)
    {
        var operation = (ReadOperation)given;
        foreach (int size in (int[])[1, 100, 100_000])
        {
            var source = new ScriptedSource([.. Enumerable.Repeat(new byte[size], (1_000_000 / size) + 1)]);
            var input = new ByteReadChannel(source, pool: null);
            LimitExceededException failure = Assert.CatchAsync<LimitExceededException>(() => operation.RunAsync(input, CancellationToken.None).Soon())!;
            Assert.That(failure.Limit, Is.EqualTo(ReadOperations.Limit));
            Assert.That(failure.Position, Is.Zero);
            Assert.That(failure.Message, Does.Contain($" {ReadOperations.Limit} ").And.Contain("byte 0 "));
            Assert.That(source.Received, Is.LessThanOrEqualTo(ReadOperations.Limit + 8 + (size == 1 ? 0 : 64 * 1024)));
            Assert.That(input.TotalBytesRead, Is.Zero);
            Assert.That(await input.ReadByteAsync().Soon(), Is.Zero, "and what came can be read");
        }
    }

    // Whether the call throws or its task fails is all the same.
    private static async Task<Exception?> FailureAsync(ReadOperation operation, ByteReadChannel input)
    {
        try
        {
            await operation.RunAsync(input, CancellationToken.None).Soon();
            return null;
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            return exception;
        }
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);

    private static async Task CheckRestAsync(ByteReadChannel input, ReadOperation operation)
    {
        string rest = operation.NeedsEnd ? "" : ReadOperations.Text(operation.Given[operation.Consumed..]) + Tail;
        Assert.That(ReadOperations.Text(await input.ReadToEndAsync(1000).Soon()), Is.EqualTo(rest));
        Assert.That(input.TotalBytesRead, Is.EqualTo(operation.Consumed + rest.Length));
        Assert.That(input.IsClosedForRead, Is.True);
        Assert.That(input.CloseCause, Is.Null);
    }

    private async Task<Feed> FeedAsync(string kind)
    {
        if (kind == "byte channel")
        {
            return Feed.OverByteChannel();
        }

        if (kind == "pipe")
        {
            return Feed.OverPipe();
        }

        if (kind == "stream")
        {
            return Feed.OverStream();
        }

        (Connection client, Connection server) = await ConnectPairAsync();
        ByteReadChannel input = kind == "socket" ? server.Input : server.Input.AsCounted();
        return new Feed(input, bytes => client.Output.WriteAsync(bytes).AsTask(), () => client.Output.CompleteAsync().AsTask());
    }
}
