using System.Net.Sockets;

namespace Sluice.Tests.Diagnostics;

public sealed class MetricsTests(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly Collector _collector = new();

    protected override SelectorOptions Options => new() { MeterFactory = _collector };

    [TearDown]
    public void StopListening() => _collector.Dispose();

    [Test]
    public async Task Connections_are_counted_while_they_are_open_and_measured_when_they_end()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(_collector.Sum("sluice.accepted_connections", tags => (int)tags["server.port"]! == server.Port), Is.EqualTo(1));
        Assert.That(_collector.Sum("sluice.active_connections", tags => (string)tags["sluice.role"]! == "server"), Is.EqualTo(1));
        Assert.That(_collector.Sum("sluice.active_connections", tags => (string)tags["sluice.role"]! == "client"), Is.EqualTo(1));

        await client.CloseAsync().Soon();
        accepted.Abort();

        Assert.That(_collector.Sum("sluice.active_connections"), Is.Zero);
        (string Name, double Value, Dictionary<string, object?> Tags)[] durations =
            [.. _collector.Measurements.Where(one => one.Name == "sluice.connection.duration")];
        Assert.That(durations, Has.Length.EqualTo(2));
        Assert.That(durations.Select(one => one.Value), Has.All.Positive);
        Assert.That(durations.Single(one => (string)one.Tags["sluice.role"]! == "client").Tags, Does.Not.ContainKey("error.type"));
        Assert.That(durations.Single(one => (string)one.Tags["sluice.role"]! == "server").Tags["error.type"], Is.EqualTo("aborted"));
        Assert.That(durations.Select(one => one.Tags["network.transport"]), Has.All.EqualTo("tcp"));
        Assert.That(durations.Select(one => one.Tags["network.type"]), Has.All.EqualTo("ipv4"));
    }

    [Test]
    public async Task Messages_that_an_outbox_drops_are_counted_by_their_reason()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        server.OutboxOptions = new OutboxOptions { Capacity = 100 };
        client.OutboxOptions = new OutboxOptions { Capacity = 100, FullMode = OutboxFullMode.DropOldest };
        Task writing = server.Output.WriteAsync(new byte[10_000_000]).AsTask();
        Task answering = client.Output.WriteAsync(new byte[10_000_000]).AsTask();
        foreach (Outbox outbox in (Outbox[])[server.Outbox, client.Outbox])
        {
            outbox.Post(new byte[50]);
            outbox.Post(new byte[50]);
            outbox.Post(new byte[50]);
        }

        Assert.That(Dropped("newest"), Is.EqualTo(2));
        Assert.That(Dropped("oldest"), Is.EqualTo(2));
        server.Abort();
        client.Abort();
        server.Outbox.Post(new byte[50]);

        // One of each waited, and one was posted too late.
        await Waiting.UntilAsync(() => Dropped("closed") == 3);
        await writing.OutcomeAsync();
        await answering.OutcomeAsync();

        double Dropped(string reason) => _collector.Sum("sluice.outbox.dropped_messages", tags => (string)tags["sluice.reason"]! == reason);
    }

    [Test]
    public async Task Bytes_are_those_of_all_connections_open_and_closed()
    {
        (Connection one, Connection two) = await ConnectPairAsync();
        await one.Output.WriteAsync(new byte[1000]).Soon();
        await two.Input.ReadExactlyAsync(1000).Soon();
        AssertBytes(1000, 1000);
        await two.Output.WriteAsync(new byte[50]).Soon();
        await one.Input.ReadExactlyAsync(50).Soon();
        await one.CloseAsync().Soon();
        await two.CloseAsync().Soon();
        AssertBytes(1050, 1050);

        void AssertBytes(long received, long sent)
        {
            _collector.Measurements.Clear();
            _collector.Observe();
            Assert.That(_collector.Sum("sluice.network.io", tags => (string)tags["network.io.direction"]! == "receive"), Is.EqualTo(received));
            Assert.That(_collector.Sum("sluice.network.io", tags => (string)tags["network.io.direction"]! == "transmit"), Is.EqualTo(sent));
        }
    }

    [Test]
    public async Task A_connection_that_cannot_be_made_is_counted_with_its_reason()
    {
        Assert.CatchAsync<SocketException>(async () => await Selector.Tcp().ConnectAsync(FreeAddress.Take()).Soon());
        Assert.That(_collector.Sum("sluice.failed_connections", tags => (string)tags["error.type"]! == "ConnectionRefused"), Is.EqualTo(1));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Those_who_are_not_served_are_counted_with_the_reason()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        Task serving = server.ServeAsync((_, _) => Task.CompletedTask, new ServeOptions { Admit = (_, _) => ValueTask.FromResult(false) });

        // The reset may be there before connecting has come to its end.
        await Selector.Tcp().ConnectAsync(server.LocalEndPoint).OutcomeAsync();
        await Waiting.UntilAsync(() => _collector.Sum("sluice.rejected_connections", tags => (string)tags["error.type"]! == "not_admitted") == 1);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task Handshakes_are_measured_with_what_came_of_them()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await Task.WhenAll(client.CloseAsync().AsTask(), server.CloseAsync().AsTask()).Soon();
        Assert.That(_collector.Measurements.Count(one => one.Name == "sluice.tls_handshake.duration" && (string?)one.Tags["tls.protocol.version"] == "1.3"), Is.EqualTo(2));

        await using ServerSocket listener = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate);
        Task<StreamSocket> accepting = listener.AcceptAsync().AsTask();
        await using StreamSocket plain = await Selector.Tcp().ConnectAsync(listener.LocalEndPoint).Soon();
        await plain.OpenWriteChannel(autoFlush: true).WriteLineAsync("this is no handshake").Soon();
        await Waiting.UntilAsync(() => _collector.Sum("sluice.rejected_connections", tags => (string)tags["error.type"]! == "tls_handshake") == 1);
        Assert.That(_collector.Measurements.Count(one => one.Name == "sluice.tls_handshake.duration" && one.Tags.ContainsKey("error.type")), Is.EqualTo(1));
        Assert.That(_collector.Sum("sluice.active_tls_handshakes"), Is.Zero);
        await listener.DisposeAsync();
        await accepting.OutcomeAsync();
    }

    [Test]
    public async Task Loops_tell_their_turns_and_how_busy_they_are()
    {
        if (Engine == SelectorEngine.Portable)
        {
            Assert.Ignore("There are no loops.");
        }

        (Connection one, Connection two) = await ConnectPairAsync();
        _collector.Observe();
        double before = _collector.Sum("sluice.loop.turns");
        for (int i = 0; i < 20; i++)
        {
            await one.Output.WriteLineAsync("x").Soon();
            await two.Input.ReadLineAsync().Soon();
        }

        _collector.Measurements.Clear();
        _collector.Observe();
        Assert.That(_collector.Sum("sluice.loop.turns"), Is.GreaterThan(before));
        Assert.That(_collector.Measurements.Where(each => each.Name == "sluice.loop.utilization").Select(each => each.Value), Has.All.InRange(0, 1));
        Assert.That(_collector.Measurements.Count(each => each.Name == "sluice.loop.utilization"), Is.EqualTo(Environment.ProcessorCount));
        one.Abort();
        two.Abort();
    }

    [Test]
    public async Task A_handler_that_blocks_is_a_handoff()
    {
        if (Engine == SelectorEngine.Portable)
        {
            Assert.Ignore("There are no loops.");
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync((_, _) =>
        {
            // Longer than the monitor takes to hand the loop to another thread.
            Thread.Sleep(200);
            done.SetResult();
            return Task.CompletedTask;
        });
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        await done.Task.Soon();
        _collector.Observe();
        Assert.That(_collector.Sum("sluice.loop.handoffs"), Is.Positive);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task Buffers_are_counted_while_they_are_held()
    {
        _collector.Observe();
        (Connection one, Connection two) = await ConnectPairAsync();
        await one.Output.WriteAsync(new byte[5000]).Soon();
        await two.Input.PeekAsync(5000).Soon();
        _collector.Measurements.Clear();
        _collector.Observe();
        Assert.That(_collector.Sum("sluice.rented_buffers"), Is.Positive);
        await two.Input.SkipExactlyAsync(5000).Soon();
        one.Abort();
        two.Abort();
    }

    [Test]
    public async Task Unix_domain_connections_say_that_they_are()
    {
        (StreamSocket first, StreamSocket second) = await Selector.Unix().CreatePairAsync().Soon();
        Assert.That(_collector.Sum("sluice.active_connections", tags => (string)tags["network.transport"]! == "unix"), Is.EqualTo(2));
        first.Abort();
        second.Abort();
        Assert.That(_collector.Sum("sluice.active_connections"), Is.Zero);
    }
}
