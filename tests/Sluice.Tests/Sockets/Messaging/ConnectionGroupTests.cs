using System.Globalization;

namespace Sluice.Tests.Sockets.Messaging;

/// <summary>One message for many connections.</summary>
public sealed class ConnectionGroupTests(SelectorEngine engine) : WireFixture(engine)
{
    [Test]
    public async Task A_message_reaches_every_member_over_whatever_it_is_connected()
    {
        var group = new ConnectionGroup();
        var pairs = new List<(Connection Client, Connection Server)>();
        foreach (string wire in (string[])["tcp", "tls", "unix", "memory", "tcp"])
        {
            pairs.Add(await ConnectAsync(wire));
            Assert.That(group.Add(pairs[^1].Server), Is.True);
        }

        using var shared = new OutgoingMessage("shared\r\n"u8);
        string long1 = new('l', 1000);
        string long2 = new('m', 30_000);
        Assert.That(group.Count, Is.EqualTo(5));
        Assert.That(group.Broadcast("bytes\r\n"u8), Is.EqualTo(5));
        Assert.That(group.Broadcast($"text {1.5}\r\n"), Is.EqualTo(5));
        Assert.That(group.BroadcastLine("line"), Is.EqualTo(5));
        Assert.That(group.BroadcastLine($"line {2}"), Is.EqualTo(5));
        Assert.That(group.BroadcastLine(long1), Is.EqualTo(5));
        Assert.That(group.BroadcastLine(long2), Is.EqualTo(5));
        Assert.That(group.Broadcast(FrameEncoder.Lines(), "frame"), Is.EqualTo(5));
        Assert.That(group.Broadcast(shared), Is.EqualTo(5));
        Assert.That(group.BroadcastLatest("key", "latest\r\n"u8), Is.EqualTo(5));
        Assert.That(group.BroadcastLatest(7, shared), Is.EqualTo(5));

        var options = new LineReadOptions { MaxLength = 30_000 };
        foreach ((Connection client, _) in pairs)
        {
            foreach (string line in (string[])["bytes", "text 1.5", "line", "line 2", long1, long2, "frame", "shared", "latest", "shared"])
            {
                Assert.That(await client.Input.ReadLineAsync(options).Soon(), Is.EqualTo(line));
            }
        }

        Assert.That(shared.References, Is.EqualTo(1));
        foreach ((Connection client, Connection server) in pairs)
        {
            await CloseAsync(client, server);
        }

        Assert.That(group.Count, Is.Zero);
    }

    [Test]
    public async Task The_sender_and_those_that_a_filter_leaves_out_do_not_get_it()
    {
        (Connection[] clients, Connection[] servers, ConnectionGroup group) = await GroupAsync(4);

        Assert.That(group.BroadcastLine("one", except: servers[0]), Is.EqualTo(3));
        Assert.That(group.BroadcastLine("two", where: connection => ReferenceEquals(connection, servers[0]) || ReferenceEquals(connection, servers[1])), Is.EqualTo(2));
        Assert.That(group.BroadcastLine($"three", servers[1], connection => !ReferenceEquals(connection, servers[0])), Is.EqualTo(2));
        group.BroadcastLine("end");

        string[][] expected = [["two", "end"], ["one", "two", "end"], ["one", "three", "end"], ["one", "three", "end"]];
        for (int i = 0; i < 4; i++)
        {
            foreach (string line in expected[i])
            {
                Assert.That(await clients[i].Input.ReadLineAsync().Soon(), Is.EqualTo(line), $"client {i}");
            }
        }

        await CloseAllAsync(clients, servers);
    }

    [Test]
    public async Task An_exception_of_a_filter_reaches_the_sender_and_releases_the_message()
    {
        (Connection[] clients, Connection[] servers, ConnectionGroup group) = await GroupAsync(3);
        using var shared = new OutgoingMessage(new byte[1000]);
        int calls = 0;

        Assert.Throws<InvalidTimeZoneException>(() => group.Broadcast(shared, where: _ => ++calls < 3 ? true : throw new InvalidTimeZoneException()));

        Assert.That(servers.Count(server => server.Outbox.DroppedMessages > 0), Is.Zero);
        await Waiting.UntilAsync(() => shared.References == 1);
        await CloseAllAsync(clients, servers);
    }

    [Test]
    public async Task Groups_are_members_of_groups_and_a_connection_gets_a_message_once()
    {
        (Connection[] clients, Connection[] servers, ConnectionGroup room) = await GroupAsync(3);
        var other = new ConnectionGroup();
        var all = new ConnectionGroup { NewLine = "\n" };
        other.Add(servers[2]);
        Assert.That(all.Add(room), Is.True);
        Assert.That(all.Add(room), Is.False);
        all.Add(other);
        all.Add(servers[0]);

        Assert.That(all.Count, Is.EqualTo(5));
        Assert.That(all.ToArray(), Is.EquivalentTo(servers));
        Assert.That(all.Contains(servers[1]), Is.True);
        Assert.That(other.Contains(servers[1]), Is.False);
        Assert.That(all.BroadcastLine("for all"), Is.EqualTo(3));
        Assert.That(all.Broadcast(new byte[1000], where: connection => connection == servers[0]), Is.EqualTo(1));
        Assert.That(all.Remove(room), Is.True);
        Assert.That(all.Remove(room), Is.False);
        Assert.That(all.BroadcastLine("for two"), Is.EqualTo(2));
        room.BroadcastLine("end");

        foreach ((int client, string[] lines) in ((int, string[])[])[(1, ["for all", "end"]), (2, ["for all", "for two", "end"])])
        {
            foreach (string line in lines)
            {
                Assert.That(await clients[client].Input.ReadLineAsync(new LineReadOptions { Ending = LineEnding.Lenient }).Soon(), Is.EqualTo(line));
            }
        }

        await CloseAllAsync(clients, servers);
    }

    [Test]
    public void A_group_cannot_be_a_member_of_itself()
    {
        var a = new ConnectionGroup();
        var b = new ConnectionGroup();
        var c = new ConnectionGroup();
        a.Add(b);
        b.Add(c);

        Assert.Throws<ArgumentException>(() => a.Add(a));
        Assert.Throws<ArgumentException>(() => c.Add(a));
        Assert.That(a.Add(c), Is.True);
        b.Remove(c);
        a.Remove(c);
        Assert.That(c.Add(a), Is.True);
    }

    [Test]
    public async Task A_member_leaves_when_it_closes([Values("tcp", "tls", "unix", "memory")] string wire, [Values("close", "abort", "complete", "reset")] string end)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        var group = new ConnectionGroup();
        var second = new ConnectionGroup();
        Assert.That(group.Add(server), Is.True);
        Assert.That(second.Add(server), Is.True);
        Assert.That(group.Add(server), Is.False);
        Task ending = Task.CompletedTask;
        switch (end)
        {
            case "close":
                ending = server.CloseAsync().AsTask();
                break;
            case "abort":
                server.Abort();
                break;
            case "complete":
                ending = server.Output.CompleteAsync().AsTask();
                break;
            default:
                client.Abort();

                // The reset shows when something is sent.
                await Waiting.UntilAsync(() => group.BroadcastLine("hello") == 0);
                break;
        }

        Assert.That(group.Count, Is.Zero);
        Assert.That(second.Count, Is.Zero);
        Assert.That(group.Remove(server), Is.False);
        Assert.That(group.Add(server), Is.False);
        client.Abort();
        await ending.OutcomeAsync();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_member_that_never_reads_costs_the_others_nothing_and_its_memory_is_bounded()
    {
        (Connection[] clients, Connection[] servers, ConnectionGroup group) = await GroupAsync(5, new OutboxOptions { Capacity = 100_000 });
        const int messages = 20_000;
        var counted = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        Task[] readers = [.. Enumerable.Range(1, 4).Select(i => Task.Run(async () =>
        {
            for (int next = 0; next < messages; next++)
            {
                string? line = await clients[i].Input.ReadLineAsync();
                Assert.That(line, Does.StartWith(next.ToString(CultureInfo.InvariantCulture) + " "));
                counted[i] = next;
            }
        }))];

        string rest = new('x', 300);
        for (int i = 0; i < messages; i++)
        {
            group.BroadcastLine($"{i} {rest}");

            // As fast as those that read: the others' outboxes never fill.
            while (servers.Skip(1).Any(server => server.Outbox.QueuedBytes > 50_000))
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(readers).Soon();
        Assert.That(servers[0].Outbox.DroppedMessages, Is.GreaterThan(0));
        Assert.That(servers[0].Outbox.QueuedBytes, Is.LessThanOrEqualTo(100_000));
        Assert.That(servers[0].Output.UnsentBytes, Is.LessThanOrEqualTo(80 * 1024));
        Assert.That(servers.Skip(1).Sum(server => server.Outbox.DroppedMessages), Is.Zero);
        clients[0].Abort();
        await CloseAllAsync(clients, servers);
    }

    [Test]
    public async Task Joining_leaving_and_closing_beside_broadcasts_loses_no_message_of_those_who_stay()
    {
        (Connection[] clients, Connection[] servers, ConnectionGroup group) = await GroupAsync(4);
        const int messages = 5_000;
        using var stop = new CancellationTokenSource();
        Task churning = Task.Run(async () =>
        {
            var random = new Random(1);
            while (!stop.IsCancellationRequested)
            {
                var passing = new List<(Connection Client, Connection Server)>();
                for (int i = random.Next(1, 40); i > 0; i--)
                {
                    passing.Add(ByteChannel.CreateConnectedPair());
                    group.Add(passing[^1].Server);
                }

                await Task.Yield();
                foreach ((Connection client, Connection server) in passing)
                {
                    if (random.Next(2) == 0)
                    {
                        Assert.That(group.Remove(server), Is.True);
                    }

                    server.Abort();
                    client.Abort();
                }
            }
        });
        Task[] readers = [.. clients.Select(client => Task.Run(async () =>
        {
            for (int next = 0; next < messages; next++)
            {
                Assert.That(await client.Input.ReadLineAsync(), Is.EqualTo($"{next}"));
            }
        }))];

        for (int i = 0; i < messages; i++)
        {
            Assert.That(group.BroadcastLine($"{i}"), Is.GreaterThanOrEqualTo(4));
            while (servers.Any(server => server.Outbox.QueuedBytes > 100_000))
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(readers).Soon();
        await stop.CancelAsync();
        await churning.Soon();
        Assert.That(group.Count, Is.EqualTo(4));
        Assert.That(group.ToArray(), Is.EquivalentTo(servers));
        await CloseAllAsync(clients, servers);
    }

    [Test]
    public async Task Callbacks_run_outside_of_every_lock()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var group = new ConnectionGroup();
        int calls = 0;
        server.OutboxOptions = new OutboxOptions { Capacity = 100, OnDropped = (_, _) => OnAnotherThread() };
        group.Add(server);
        (Task, int) stuck = BeginStuckWrite(server);
        server.Outbox.Post(new byte[80]);

        Assert.That(
            group.Broadcast(
                new byte[80],
                where: _ =>
                {
                    OnAnotherThread();
                    return true;
                }),
            Is.Zero);

        Assert.That(calls, Is.EqualTo(2));
        await SkipStuckWriteAsync(client, stuck);
        await CloseAsync(client, server);

        // Another thread uses the outbox and the group while the callback runs, and has to end before it.
        void OnAnotherThread()
        {
            calls++;
            var thread = new Thread(() =>
            {
                _ = server.Outbox.QueuedBytes;
                (Connection first, Connection second) = ByteChannel.CreateConnectedPair();
                group.Add(first);
                group.Remove(first);
                group.Broadcast("x"u8, where: connection => connection == first);
                first.Abort();
                second.Abort();
            });
            thread.Start();
            Assert.That(thread.Join(Waiting.Patience), Is.True);
        }
    }

    [Test]
    public async Task Many_join_and_leave()
    {
        var group = new ConnectionGroup();
        var pairs = Enumerable.Range(0, 1000).Select(_ => ByteChannel.CreateConnectedPair()).ToList();
        foreach ((Connection First, Connection Second) pair in pairs)
        {
            Assert.That(group.Add(pair.First), Is.True);
        }

        Assert.That(group.Count, Is.EqualTo(1000));
        foreach ((Connection First, Connection Second) pair in pairs.Where((_, i) => i % 100 != 0))
        {
            Assert.That(group.Remove(pair.First), Is.True);
        }

        Assert.That(group.Count, Is.EqualTo(10));
        Assert.That(group.ToArray(), Is.EquivalentTo(pairs.Where((_, i) => i % 100 == 0).Select(pair => pair.First)));
        Assert.That(group.BroadcastLine("x"), Is.EqualTo(10));
        foreach ((Connection First, Connection Second) pair in pairs)
        {
            pair.First.Abort();
            pair.Second.Abort();
        }

        Assert.That(group.Count, Is.Zero);
        await Task.CompletedTask;
    }

    private async Task<(Connection[] Clients, Connection[] Servers, ConnectionGroup Group)> GroupAsync(int count, OutboxOptions? options = null)
    {
        var clients = new Connection[count];
        var servers = new Connection[count];
        var group = new ConnectionGroup();
        for (int i = 0; i < count; i++)
        {
            (clients[i], servers[i]) = await ConnectAsync("tcp");
            servers[i].OutboxOptions = options;
            Assert.That(group.Add(servers[i]), Is.True);
        }

        return (clients, servers, group);
    }

    private static async Task CloseAllAsync(Connection[] clients, Connection[] servers)
    {
        for (int i = 0; i < clients.Length; i++)
        {
            await CloseAsync(clients[i], servers[i]);
        }
    }
}
