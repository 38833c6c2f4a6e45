using System.Text;
using Sluice.Channels.Messages;

namespace Sluice.Tests.Sockets.Messaging;

/// <summary>The fate of messages that wait when the connection ends.</summary>
public sealed class OutboxEndTests(SelectorEngine engine) : WireFixture(engine)
{
    [Test]
    public async Task A_close_sends_them([Values("tcp", "tls", "unix", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        for (int i = 0; i < 100; i++)
        {
            server.Outbox.Post(Filled(2000, (byte)i));
        }

        Task closing = server.CloseAsync().AsTask();
        Assert.That(server.Outbox.Post(Filled(1, 1)), Is.False);

        byte[] all = await client.Input.ReadToEndAsync(1_000_000).Soon();
        Assert.That(all, Has.Length.EqualTo(200_000));
        await closing.Soon();
        Assert.That(server.Outbox.DroppedMessages, Is.EqualTo(1));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_completion_sends_them_before_the_end([Values("tcp", "tls", "unix", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        (Task Writing, int Count) stuck = BeginStuckWrite(server);
        for (int i = 0; i < 100; i++)
        {
            server.Outbox.Post(Filled(2000, (byte)i));
        }

        await SkipStuckWriteAsync(client, stuck);
        Task completing = Task.Run(async () =>
        {
            await server.Output.WriteAsync(Filled(7, 7));
            await server.Output.CompleteAsync();
        });
        byte[] all = await client.Input.ReadToEndAsync(1_000_000).Soon();

        Assert.That(all, Has.Length.EqualTo(200_007));
        await completing.Soon();
        Assert.That(server.Outbox.Post(Filled(1, 1)), Is.False);
        Assert.That(await Waiting.FailureAsync(() => server.Outbox.PostAsync(Filled(1, 1))), Is.InstanceOf<ObjectDisposedException>());

        // The other direction goes on.
        await client.Output.WriteLineAsync("still there");
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("still there"));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_handler_that_returns_leaves_them_to_be_sent()
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = listener.ServeAsync((connection, _) =>
        {
            for (int i = 0; i < 1000; i++)
            {
                connection.Outbox.PostLine($"line {i}");
            }

            return Task.CompletedTask;
        });
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(listener.LocalEndPoint);
        ByteReadChannel input = client.OpenReadChannel();
        for (int i = 0; i < 1000; i++)
        {
            Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
        }

        Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
        await client.CloseAsync();
        await listener.StopAsync(TimeSpan.FromSeconds(5));
        await serving.Soon();
    }

    [Test]
    public async Task An_end_in_any_other_way_drops_and_counts_them_and_releases_what_they_share(
        [Values("tcp", "tls", "unix", "memory")] string wire, [Values("abort", "timeout", "cause", "peer")] string end)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        if (wire != "memory")
        {
            server.Socket.Options.CloseTimeout = TimeSpan.FromMilliseconds(50);
        }
        else if (end == "timeout")
        {
            Assert.Pass("Its timeout is set when it is made.");
        }

        using var shared = new OutgoingMessage(Filled(20_000, 1));
        using var small = new OutgoingMessage(Filled(20, 1));
        (Task Writing, int) stuck = BeginStuckWrite(server);
        server.Outbox.Post(Filled(10, 1));
        server.Outbox.Post(shared);
        server.Outbox.Post(small);
        server.Outbox.PostLatest("key", shared);
        server.Outbox.Post(Filled(10_000, 1));
        Assert.That(shared.References, Is.EqualTo(3));
        switch (end)
        {
            case "abort":
                server.Abort();
                break;
            case "timeout":
                await server.CloseAsync().AsTask().Soon();
                break;
            case "cause":
                server.Output.CompleteBecause(new IOException("The source is broken."));
                break;
            default:
                client.Abort();
                break;
        }

        await stuck.Writing.OutcomeAsync();
        await Waiting.UntilAsync(() => server.Outbox.DroppedMessages == 5);
        Assert.That(server.Outbox.QueuedMessages, Is.Zero);
        Assert.That(server.Outbox.QueuedBytes, Is.Zero);
        Assert.That(shared.References, Is.EqualTo(1));
        Assert.That(small.References, Is.EqualTo(1));
        client.Abort();
        server.Abort();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task No_message_follows_the_beginning_of_a_write_that_was_cut_short([Values("tcp", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        using var cancel = new CancellationTokenSource();
        Task writing = server.Output.WriteAsync(Filled(10_000_000, 1), cancel.Token).AsTask();
        server.Outbox.Post(Filled(10, 2));
        Task waiting = server.Outbox.PostAsync(Filled(OutboxOptions.DefaultCapacity, 2)).AsTask();

        await cancel.CancelAsync();

        Assert.That(await writing.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(await waiting.OutcomeAsync(), Is.InstanceOf<InvalidOperationException>().With.Message.Contains("before all of it was written"));
        Assert.That(server.Outbox.DroppedMessages, Is.EqualTo(1));
        Assert.That(server.Outbox.Post(Filled(10, 2)), Is.False);
        Task closing = server.Output.CompleteAsync().AsTask();
        byte[] all = await client.Input.ReadToEndAsync(20_000_000).Soon();
        Assert.That(all, Has.Length.LessThan(10_000_000));
        Assert.That(all.AsSpan().ContainsAnyExcept((byte)1), Is.False);
        await closing.Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Messages_follow_a_write_that_was_canceled_before_it_began()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Task, int) stuck = BeginStuckWrite(server);
        server.Outbox.PostLine("first");
        await SkipStuckWriteAsync(client, stuck);
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("first"));
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        Assert.That(await server.Output.WriteAsync(new byte[1_000_000], canceled.Token).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());

        Assert.That(server.Outbox.PostLine("second"), Is.True);

        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("second"));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task What_the_kernel_has_not_taken_is_released_by_an_abort()
    {
        (Connection client, Connection server) = await ConnectAsync("unix");
        using var shared = new OutgoingMessage(Filled(100_000, 1));
        for (int i = 0; i < 10; i++)
        {
            server.Outbox.Post(shared);
        }

        await Waiting.UntilAsync(() => server.Socket.Transport is not null && server.Output.UnsentBytes > 0);
        Assert.That(shared.References, Is.GreaterThan(1));
        server.Abort();

        await Waiting.UntilAsync(() => shared.References == 1);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task An_upgrade_to_TLS_sends_them_in_plain_text_first_and_closes_the_outbox()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 500_000 };
        var group = new ConnectionGroup();
        group.Add(server);
        for (int i = 0; i < 20; i++)
        {
            server.Outbox.PostLine(new string('p', 20_000));
        }

        Task<Connection> upgrading = server.UpgradeToTlsServerAsync(Serving()).AsTask();
        var options = new LineReadOptions { MaxLength = 30_000 };
        for (int i = 0; i < 20; i++)
        {
            Assert.That(await client.Input.ReadLineAsync(options).Soon(), Has.Length.EqualTo(20_000));
        }

        Connection securedClient = await client.UpgradeToTlsClientAsync(Trusting()).Soon();
        Connection secured = await upgrading.Soon();

        Assert.That(server.Outbox.Post("x"u8), Is.False);
        Assert.That(
            await Waiting.FailureAsync(() => server.Outbox.PostAsync(new byte[1])),
            Is.InstanceOf<InvalidOperationException>().With.Message.Contains("upgraded to TLS"));
        Assert.That(client.Outbox.Post("x"u8), Is.False);
        Assert.That(group.Count, Is.Zero);
        Assert.That(secured.Outbox.Capacity, Is.EqualTo(500_000));
        group.Add(secured);
        group.BroadcastLine("secret");
        Assert.That(await securedClient.Input.ReadLineAsync().Soon(), Is.EqualTo("secret"));
        await CloseAsync(securedClient, secured);
    }

    [Test]
    public void The_memory_of_a_message_lives_as_long_as_its_last_reference()
    {
        var message = new OutgoingMessage("some bytes"u8);
        MessageBuffer buffer = message.Share(2);
        message.Dispose();
        message.Dispose();
        Assert.That(Encoding.ASCII.GetString(buffer.Span), Is.EqualTo("some bytes"));
        Assert.Throws<ObjectDisposedException>(() => message.Share());

        buffer.Release(2);

        Assert.That(buffer.References, Is.Zero);
        Assert.That(buffer.TryAddReferences(1), Is.False);
    }

    private static byte[] Filled(int count, byte with)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(with);
        return bytes;
    }
}
