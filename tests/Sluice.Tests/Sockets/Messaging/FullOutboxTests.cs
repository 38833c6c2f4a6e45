using System.Text;

namespace Sluice.Tests.Sockets.Messaging;

/// <summary>Outboxes that are full: the policies and the counters.</summary>
public sealed class FullOutboxTests(SelectorEngine engine) : WireFixture(engine)
{
    // Each of the ten-byte messages counts for 16 bytes more.
    private const int RoomForFour = 4 * 26;

    [Test]
    public async Task Drops_the_newest_by_default([Values("tcp", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        int dropped = 0;
        server.OutboxOptions = new OutboxOptions { Capacity = RoomForFour, OnDropped = (connection, count) => dropped += ReferenceEquals(connection, server) ? count : 1000 };
        (Task, int) stuck = BeginStuckWrite(server);

        bool[] posted = [.. Enumerable.Range(0, 6).Select(i => server.Outbox.Post(Message(i)))];

        Assert.That(posted, Is.EqualTo(new[] { true, true, true, true, false, false }));
        Assert.That(server.Outbox.QueuedMessages, Is.EqualTo(4));
        Assert.That(server.Outbox.QueuedBytes, Is.EqualTo(40));
        Assert.That(server.Outbox.DroppedMessages, Is.EqualTo(2));
        Assert.That(dropped, Is.EqualTo(2));
        await SkipStuckWriteAsync(client, stuck);
        await AssertReadsAsync(client, 0, 1, 2, 3);
        Assert.That(server.Outbox.Post(Message(7)), Is.True);
        await AssertReadsAsync(client, 7);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Drops_the_oldest_of_every_kind_if_asked_to()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = RoomForFour, FullMode = OutboxFullMode.DropOldest };
        (Task, int) stuck = BeginStuckWrite(server);
        using var shared = new OutgoingMessage(Message(1));
        server.Outbox.Post(Message(0));
        server.Outbox.Post(shared);
        server.Outbox.PostLatest("key", Message(2));
        server.Outbox.Post(Message(3));
        Assert.That(shared.References, Is.EqualTo(2));

        for (int i = 4; i < 7; i++)
        {
            Assert.That(server.Outbox.Post(Message(i)), Is.True);
        }

        Assert.That(server.Outbox.DroppedMessages, Is.EqualTo(3));
        Assert.That(server.Outbox.QueuedBytes, Is.EqualTo(40));
        Assert.That(shared.References, Is.EqualTo(1));

        // The key is free again.
        Assert.That(server.Outbox.PostLatest("key", Message(7)), Is.True);
        Assert.That(server.Outbox.ReplacedMessages, Is.Zero);
        await SkipStuckWriteAsync(client, stuck);
        await AssertReadsAsync(client, 4, 5, 6, 7);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Disconnects_if_asked_to_and_says_why([Values("tcp", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        server.OutboxOptions = new OutboxOptions { Capacity = RoomForFour, FullMode = OutboxFullMode.Disconnect };
        (Task Writing, int) stuck = BeginStuckWrite(server);
        Task<string?> reading = server.Input.ReadLineAsync().AsTask();
        for (int i = 0; i < 4; i++)
        {
            server.Outbox.Post(Message(i));
        }

        Assert.That(reading.IsCompleted, Is.False);
        Assert.That(server.Outbox.Post(Message(4)), Is.False);

        Exception? failure = await reading.OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<ObjectDisposedException>());
        if (wire == "tcp")
        {
            Assert.That(failure!.Message, Does.Contain("its outbox was full"));
        }

        Assert.That(await stuck.Writing.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(server.Outbox.DroppedMessages, Is.EqualTo(5));
        Assert.That(server.Outbox.QueuedMessages, Is.Zero);
        Assert.That(server.Outbox.Post(Message(5)), Is.False);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_message_larger_than_the_capacity_is_refused_with_the_reason()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 100 };
        using var shared = new OutgoingMessage(new byte[101]);

        foreach (Action post in (Action[])
        [
            () => server.Outbox.Post(new byte[101]),
            () => server.Outbox.Post(shared),
            () => server.Outbox.PostLatest(1, new byte[101]),
            () => server.Outbox.PostLine(new string('x', 100)),
            () => server.Outbox.PostAsync(new byte[101]).AsTask(),
            () => server.Outbox.PostAsync(shared).AsTask(),
        ])
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(post)!;
            Assert.That(refused.Message, Does.Contain("more than the capacity of the outbox, 100 (OutboxOptions.Capacity)"));
        }

        Assert.That(shared.References, Is.EqualTo(1));
        Assert.That(server.Outbox.Post(new byte[100]), Is.True);
        await client.Input.SkipExactlyAsync(100).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_later_message_takes_the_place_of_a_waiting_one_with_the_same_key()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Task, int) stuck = BeginStuckWrite(server);
        Outbox outbox = server.Outbox;
        using var shared = new OutgoingMessage("EUR shared\r\n"u8);

        outbox.PostLatestLine("EUR", "EUR 1");
        outbox.PostLine("between");
        outbox.PostLatest(7, FrameEncoder.Lines(), "seven 1");
        outbox.PostLatest("EUR", shared);
        outbox.PostLatest("EUR", $"EUR {3}, with more behind it\r\n");
        outbox.PostLatest(7, "seven 2\r\n"u8);

        Assert.That(outbox.ReplacedMessages, Is.EqualTo(3));
        Assert.That(outbox.QueuedMessages, Is.EqualTo(3));
        Assert.That(shared.References, Is.EqualTo(1));
        await SkipStuckWriteAsync(client, stuck);
        foreach (string line in (string[])["EUR 3, with more behind it", "between", "seven 2"])
        {
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo(line));
        }

        outbox.PostLatestLine("EUR", "EUR 4");
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("EUR 4"));
        Assert.That(outbox.ReplacedMessages, Is.EqualTo(3));
        Assert.That(outbox.DroppedMessages, Is.Zero);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task The_age_is_that_of_the_first_message()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Task, int) stuck = BeginStuckWrite(server);
        server.Outbox.PostLatest("key", Message(0));

        await Waiting.UntilAsync(() => server.Outbox.OldestAge > TimeSpan.FromMilliseconds(50));
        TimeSpan before = server.Outbox.OldestAge;
        server.Outbox.Post(Message(1));
        server.Outbox.PostLatest("key", Message(2));

        Assert.That(server.Outbox.OldestAge, Is.GreaterThanOrEqualTo(before));
        await SkipStuckWriteAsync(client, stuck);
        await AssertReadsAsync(client, 2, 1);
        Assert.That(server.Outbox.OldestAge, Is.EqualTo(TimeSpan.Zero));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Many_small_messages_are_bounded_too()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 17_000 };
        (Task, int) stuck = BeginStuckWrite(server);

        int queued = Enumerable.Range(0, 5_000).Count(_ => server.Outbox.Post("x"u8));

        Assert.That(queued, Is.EqualTo(1_000));
        await SkipStuckWriteAsync(client, stuck);
        await client.Input.SkipExactlyAsync(1_000).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task An_exception_of_the_callback_does_not_reach_the_sender()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 20, OnDropped = (_, _) => throw new InvalidTimeZoneException() };
        (Task, int) stuck = BeginStuckWrite(server);
        server.Outbox.Post(Message(0));

        Assert.That(server.Outbox.Post(Message(1)), Is.False);

        await SkipStuckWriteAsync(client, stuck);
        await AssertReadsAsync(client, 0);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task The_options_are_set_before_the_first_use()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Assert.That(server.OutboxOptions, Is.Null);
        server.OutboxOptions = new OutboxOptions { Capacity = 5000 };
        Assert.That(server.Outbox.Capacity, Is.EqualTo(5000));
        Assert.That(server.OutboxOptions.Capacity, Is.EqualTo(5000));

        Assert.Throws<InvalidOperationException>(() => server.OutboxOptions = new OutboxOptions());
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_server_gives_its_connections_its_options()
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        var seen = new TaskCompletionSource<int>();
        Task serving = listener.ServeAsync(
            (connection, _) =>
            {
                seen.TrySetResult(connection.Outbox.Capacity);
                return Task.CompletedTask;
            },
            new ServeOptions { Outbox = new OutboxOptions { Capacity = 4321 } });
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(listener.LocalEndPoint);

        Assert.That(await seen.Task.Soon(), Is.EqualTo(4321));
        await listener.StopAsync(TimeSpan.FromSeconds(5));
        await serving.Soon();
    }

    private static byte[] Message(int number) => Encoding.ASCII.GetBytes($"message {number}\n");

    private static async Task AssertReadsAsync(Connection peer, params int[] numbers)
    {
        foreach (int number in numbers)
        {
            Assert.That(await peer.Input.ReadExactlyAsync(10).Soon(), Is.EqualTo(Message(number)));
        }
    }
}
