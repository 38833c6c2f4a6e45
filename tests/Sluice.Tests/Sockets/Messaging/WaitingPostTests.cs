namespace Sluice.Tests.Sockets.Messaging;

/// <summary>Posts that wait for room.</summary>
public sealed class WaitingPostTests(SelectorEngine engine) : WireFixture(engine)
{
    [Test]
    public async Task A_post_waits_for_room_in_its_turn([Values("tcp", "tls", "unix", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        server.OutboxOptions = new OutboxOptions { Capacity = 1000 };
        (Task, int) stuck = BeginStuckWrite(server);
        Assert.That(server.Outbox.PostAsync(Filled(900, 0)).AsTask().IsCompletedSuccessfully, Is.True);
        Task[] waiting = [.. Enumerable.Range(1, 20).Select(i => server.Outbox.PostAsync(Filled(i % 2 == 0 ? 10 : 900, (byte)i)).AsTask())];

        // The second would fit; it is behind the first.
        Assert.That(waiting.Any(task => task.IsCompleted), Is.False);
        Assert.That(server.Outbox.Post(Filled(1, 99)), Is.False);

        await SkipStuckWriteAsync(client, stuck);
        for (int i = 0; i <= 20; i++)
        {
            byte[] message = await client.Input.ReadExactlyAsync(i > 0 && i % 2 == 0 ? 10 : 900).Soon();
            Assert.That(message, Is.All.EqualTo((byte)i));
        }

        await Task.WhenAll(waiting).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_canceled_wait_posts_nothing_and_lets_those_behind_it_go()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 1000 };
        (Task, int) stuck = BeginStuckWrite(server);
        server.Outbox.Post(Filled(900, 0));
        using var shared = new OutgoingMessage(Filled(900, 1));
        using var cancel = new CancellationTokenSource();
        Task large = server.Outbox.PostAsync(shared, cancel.Token).AsTask();
        Task small = server.Outbox.PostAsync(Filled(10, 2)).AsTask();
        Assert.That(small.IsCompleted || large.IsCompleted, Is.False);
        Assert.That(shared.References, Is.EqualTo(2));

        await cancel.CancelAsync();

        Exception? canceled = await large.OutcomeAsync();
        Assert.That(canceled, Is.InstanceOf<OperationCanceledException>());
        await small.Soon();
        Assert.That(shared.References, Is.EqualTo(1));
        using var canceledAlready = new CancellationTokenSource();
        await canceledAlready.CancelAsync();
        Assert.That(await server.Outbox.PostAsync(shared, canceledAlready.Token).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(shared.References, Is.EqualTo(1));
        await SkipStuckWriteAsync(client, stuck);
        Assert.That(await client.Input.ReadExactlyAsync(900).Soon(), Is.All.EqualTo((byte)0));
        Assert.That(await client.Input.ReadExactlyAsync(10).Soon(), Is.All.EqualTo((byte)2));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task The_number_of_calls_that_wait_is_bounded()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 100, MaxWaiting = 2 };
        (Task, int) stuck = BeginStuckWrite(server);
        server.Outbox.Post(Filled(100, 0));
        Task[] waiting = [server.Outbox.PostAsync(Filled(100, 1)).AsTask(), server.Outbox.PostAsync(Filled(100, 2)).AsTask()];

        Exception? third = await Waiting.FailureAsync(() => server.Outbox.PostAsync(Filled(100, 3)));

        Assert.That(third, Is.InstanceOf<InvalidOperationException>().With.Message.Contains("MaxWaiting"));
        await SkipStuckWriteAsync(client, stuck);
        await client.Input.SkipExactlyAsync(300).Soon();
        await Task.WhenAll(waiting).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_wait_ends_with_what_the_channel_says([Values("tcp", "tls", "memory")] string wire, [Values("close", "abort", "peer")] string end)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        server.OutboxOptions = new OutboxOptions { Capacity = 100 };
        (Task Writing, int) stuck = BeginStuckWrite(server);
        server.Outbox.Post(Filled(100, 0));
        Task waiting = server.Outbox.PostAsync(Filled(100, 1)).AsTask();
        Task closing = Task.CompletedTask;
        switch (end)
        {
            case "close":
                closing = server.CloseAsync().AsTask();
                break;
            case "abort":
                server.Abort();
                break;
            default:
                client.Abort();
                break;
        }

        Exception? failure = await waiting.OutcomeAsync();
        Exception? write = await stuck.Writing.OutcomeAsync();
        Exception? later = await Waiting.FailureAsync(() => server.Outbox.PostAsync(Filled(10, 2)));

        // Beside an abort in memory, the writer may meet the end of the pipe before the end of its own channel.
        Assert.That(failure, (wire, end) == ("memory", "abort")
            ? Is.InstanceOf(write!.GetType()).Or.Message.Contains("aborted")
            : Is.InstanceOf(write!.GetType()).And.Message.EqualTo(write.Message));
        Assert.That(later, Is.InstanceOf(write.GetType()));
        client.Abort();
        await closing.Soon();
        await CloseAsync(client, server);
    }

    private static byte[] Filled(int count, byte with)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(with);
        return bytes;
    }
}
