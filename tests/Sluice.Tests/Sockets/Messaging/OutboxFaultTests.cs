using System.Diagnostics.Metrics;

namespace Sluice.Tests.Sockets.Messaging;

/// <summary>Outboxes and groups beside empty messages, views as pipes, and code of the user's that blocks or throws.</summary>
public sealed class OutboxFaultTests(SelectorEngine engine) : WireFixture(engine)
{
    [Test]
    public async Task An_empty_message_that_waits_takes_no_other_with_it()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Task, int) stuck = BeginStuckWrite(server);
        using var shared = new OutgoingMessage("shared"u8);

        await server.Outbox.PostAsync(ReadOnlyMemory<byte>.Empty).AsTask().Soon();
        server.Outbox.Post(shared);
        server.Outbox.PostLatest("key", ""u8);
        server.Outbox.Post("last"u8);

        await SkipStuckWriteAsync(client, stuck);
        byte[] read = new byte["sharedlast".Length];
        await client.Input.ReadExactlyAsync(read).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(read), Is.EqualTo("sharedlast"));
        await Waiting.UntilAsync(() => shared.References == 1);
        Assert.That(server.Outbox.DroppedMessages, Is.Zero);
        await CloseAsync(client, server);
    }

    [TestCase("stream")]
    [TestCase("channel")]
    [TestCase("file")]
    public async Task No_message_follows_a_copy_that_was_cut_short(string kind)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        using var cancel = new CancellationTokenSource();
        var source = new ByteChannel();
        await source.Writer.WriteAsync(new byte[100]);
        await source.Writer.FlushAsync();
        string path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, new byte[100]);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
        Task copying = kind switch
        {
            "stream" => server.Output.CopyFromAsync(source.Reader.AsStream(), 1000, cancel.Token).AsTask(),
            "channel" => source.Reader.CopyToAsync(server.Output, 1000, cancel.Token).AsTask(),
            _ => server.Output.SendFileAsync(file, 0, 1000, cancel.Token).AsTask(),
        };
        await Waiting.UntilAsync(() => server.Output.TotalBytesWritten == 100);
        await cancel.CancelAsync();
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>().Or.InstanceOf<EndOfStreamException>());
        File.Delete(path);

        Assert.That(server.Outbox.Post("after"u8), Is.False);
        InvalidOperationException refusal = Assert.ThrowsAsync<InvalidOperationException>(() => server.Outbox.PostAsync("after"u8.ToArray()).AsTask())!;
        Assert.That(refusal.Message, Does.Contain("ended before all of it was written"));
        await server.Output.FlushAsync().Soon();
        await client.Input.SkipExactlyAsync(100).Soon();
        Assert.That(client.Input.AvailableForRead, Is.Zero);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task The_users_pool_is_not_called_under_the_lock()
    {
        var pool = new TrackingPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        await using ServerSocket listener = await selector.Tcp().BindAsync("127.0.0.1");
        await using StreamSocket one = await selector.Tcp().ConnectAsync(listener.LocalEndPoint!);
        await using StreamSocket other = await listener.AcceptAsync();
        Connection client = one.OpenConnection();
        Connection server = other.OpenConnection();
        bool isLocked = false;
        server.Output.AutoFlush = false;
        await server.Output.WriteAsync(new byte[4000]);
        pool.OnRent = () =>
        {
            var thread = new Thread(() => _ = server.Outbox.QueuedBytes);
            thread.Start();
            isLocked |= !thread.Join(1000);
        };

        server.Outbox.Post(new byte[1000]);

        await client.Input.SkipExactlyAsync(5000).Soon();
        pool.OnRent = null;
        Assert.That(isLocked, Is.False);
    }

    [Test]
    public async Task A_listener_of_the_meter_that_throws_gives_up_no_reference()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 100, FullMode = OutboxFullMode.DropOldest };
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "sluice.outbox.dropped_messages")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new NotSupportedException("a listener"));
        listener.Start();
        var group = new ConnectionGroup();
        group.Add(server);
        using var shared = new OutgoingMessage(new byte[80]);
        (Task, int) stuck = BeginStuckWrite(server);

        server.Outbox.Post(new byte[80]);
        try
        {
            group.Broadcast(shared);
        }
        catch (NotSupportedException)
        {
        }

        Assert.That(shared.References, Is.EqualTo(2));
        await SkipStuckWriteAsync(client, stuck);
        await client.Input.SkipExactlyAsync(80).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_group_that_joins_during_a_broadcast_repeats_nothing()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var group = new ConnectionGroup();
        var inner = new ConnectionGroup();
        group.Add(server);
        inner.Add(server);

        int queued = group.Broadcast("once"u8, where: _ =>
        {
            if (!inner.Contains(client))
            {
                inner.Add(client);
                group.Add(inner);
            }

            return true;
        });

        Assert.That(queued, Is.LessThanOrEqualTo(2));
        server.Outbox.Post("."u8);
        byte[] read = new byte[5];
        await client.Input.ReadExactlyAsync(read).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(read), Is.EqualTo("once."));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_broadcast_that_is_too_large_disconnects_nothing()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 100, FullMode = OutboxFullMode.Disconnect };
        var group = new ConnectionGroup();
        group.Add(server);

        Assert.That(group.Broadcast(new byte[101]), Is.Zero);
        Assert.That(group.BroadcastLatest("key", new byte[101]), Is.Zero);

        Assert.That(server.Outbox.DroppedMessages, Is.EqualTo(2));
        Assert.That(group.Broadcast("still there"u8), Is.EqualTo(1));
        await client.Input.SkipExactlyAsync("still there".Length).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_pipe_writer_that_did_not_flush_holds_up_no_completion([Values("tcp", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        var pipe = server.Output.AsPipeWriter();
        "pipe"u8.CopyTo(pipe.GetSpan(4));
        pipe.Advance(4);
        server.Outbox.Post("message"u8);

        await server.Output.CompleteAsync().AsTask().Soon();

        byte[] all = await client.Input.ReadToEndAsync(100).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(all), Is.EqualTo("pipemessage"));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_pipe_writer_that_did_not_flush_holds_up_no_close([Values("tcp", "memory")] string wire, [Values] bool leases)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        var pipe = server.Output.AsPipeWriter();
        "pipe"u8.CopyTo(pipe.GetSpan(4));
        pipe.Advance(4);
        if (leases)
        {
            pipe.GetSpan(4);
        }

        server.Outbox.Post("message"u8);
        Task closing = server.CloseAsync().AsTask();
        if (leases)
        {
            pipe.Advance(0);
        }

        byte[] all = await client.Input.ReadToEndAsync(100).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(all), Is.EqualTo("pipemessage"));
        await CloseAsync(client, server);
        await closing.Soon();
    }

    [Test]
    public async Task A_pipe_writer_that_did_not_flush_holds_up_no_upgrade()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var pipe = server.Output.AsPipeWriter();
        "pipe"u8.CopyTo(pipe.GetSpan(4));
        pipe.Advance(4);
        server.Outbox.Post("message"u8);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        Task ending = Task.Run(async () => await server.Output.EndMessagesAsync(server.Outbox.Messages, patience.Token));
        Assert.That(await ending.OutcomeAsync(), Is.Null);
        await CloseAsync(client, server);
    }
}
