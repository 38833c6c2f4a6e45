namespace Sluice.Tests.Sockets.Messaging;

/// <summary>The cost of posts: system calls, and memory. Alone, because the whole process is measured.</summary>
[NonParallelizable]
public sealed class OutboxCostTests(SelectorEngine engine) : WireFixture(engine)
{
    private const int Lines = 20_000;
    private const int MostSends = 1_000;

    // One loop, so that neither a move nor a second loop adds to what is measured.
    protected override SelectorOptions Options => new() { LoopCount = 1 };

    [Test]
    [Platform("Linux")]
    public async Task What_threads_of_the_pool_post_leaves_in_few_sends()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        int least = int.MaxValue;

        // Code that is not compiled for good posts so slowly that a send has little to take.
        for (int attempt = 0; attempt < 10 && least > MostSends; attempt++)
        {
            int before = server.Socket.GetTcpInfo().SegmentsSent;
            Task reading = client.Input.SkipExactlyAsync(Lines * 12).AsTask();
            int dropped = 0;
            await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(() =>
            {
                for (int i = 0; i < Lines / 4; i++)
                {
                    dropped += server.Outbox.PostLine($"line {sender}{i:0000}") ? 0 : 1;
                }
            })));
            await reading.Soon();
            Assert.That(dropped, Is.Zero);
            int sends = server.Socket.GetTcpInfo().SegmentsSent - before;
            TestContext.Out.WriteLine($"{sends} segments");
            least = Math.Min(least, sends);
        }

        Assert.That(least, Is.LessThanOrEqualTo(MostSends));
        await CloseAsync(client, server);
    }

    [Test]
    [Platform("Linux")]
    public async Task What_handlers_of_many_connections_broadcast_leaves_together()
    {
        const int connections = 20;
        const int lines = 200;
        var group = new ConnectionGroup();
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = listener.ServeAsync(async (connection, _) =>
        {
            group.Add(connection);
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                group.BroadcastLine(line);
            }
        });
        Connection[] clients = new Connection[connections];
        for (int i = 0; i < connections; i++)
        {
            clients[i] = (await Selector.Tcp().ConnectAsync(listener.LocalEndPoint)).OpenConnection();
        }

        await Waiting.UntilAsync(() => group.Count == connections);
        Connection[] servers = group.ToArray();
        int before = servers.Sum(server => server.Socket.GetTcpInfo().SegmentsSent);
        await Task.WhenAll(clients.Select(async client =>
        {
            for (int i = 0; i < lines; i++)
            {
                await client.Output.WriteLineAsync("hello");
            }

            await client.Input.SkipExactlyAsync(connections * lines * 7);
        })).Soon();

        int sends = servers.Sum(server => server.Socket.GetTcpInfo().SegmentsSent) - before;
        TestContext.Out.WriteLine($"{sends} segments for {connections * connections * lines} messages");
        Assert.That(sends, Is.LessThan(connections * connections * lines / 10));
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask())).Soon();
        await listener.StopAsync(TimeSpan.FromSeconds(5));
        await serving.Soon();
    }

    // On the pool: the test's own synchronization context allocates for each wait.
    [Test]
    public async Task A_post_allocates_nothing([Values(20, 1_000, 20_000)] int size)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] message = new byte[size];
        using var shared = new OutgoingMessage(message);
        const int posts = 10_000;
        byte[] drain = new byte[64 * 1024];

        double least = await ProcessAllocations.LeastPerMessageAsync(ProcessAllocations.Noise, posts * 4, () => Task.Run(async () =>
        {
            for (int i = 0; i < posts; i++)
            {
                server.Outbox.Post(message);
                server.Outbox.Post(shared);
                server.Outbox.PostLatest(i & 7, message);
                ValueTask posting = server.Outbox.PostAsync(message);
                await posting;
                for (int left = size * 4; left > 0;)
                {
                    left -= await client.Input.ReadAsync(drain.AsMemory(0, Math.Min(left, drain.Length)));
                }
            }
        }));

        Assert.That(least, Is.LessThan(ProcessAllocations.Noise));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_broadcast_allocates_nothing([Values(20, 1_000, 20_000)] int size)
    {
        const int members = 4;
        const int broadcasts = 10_000;
        byte[] message = new byte[size];
        byte[] drain = new byte[64 * 1024];
        var group = new ConnectionGroup();
        var pairs = new List<(Connection Client, Connection Server)>();
        for (int i = 0; i < members; i++)
        {
            pairs.Add(await ConnectPairAsync());
            group.Add(pairs[i].Server);
        }

        double least = await ProcessAllocations.LeastPerMessageAsync(ProcessAllocations.Noise, broadcasts * members, () => Task.Run(async () =>
        {
            for (int i = 0; i < broadcasts; i++)
            {
                group.Broadcast(message);
                foreach ((Connection client, _) in pairs)
                {
                    for (int left = size; left > 0;)
                    {
                        left -= await client.Input.ReadAsync(drain.AsMemory(0, Math.Min(left, drain.Length)));
                    }
                }
            }
        }));

        Assert.That(least, Is.LessThan(ProcessAllocations.Noise));
        foreach ((Connection client, Connection server) in pairs)
        {
            await CloseAsync(client, server);
        }
    }
}
