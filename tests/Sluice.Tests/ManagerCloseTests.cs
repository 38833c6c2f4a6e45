namespace Sluice.Tests;

/// <summary>A manager that is disposed of, whose sockets are each other's peers.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ManagerCloseTests(SelectorEngine engine) : TlsFixture(engine)
{
    private const int Rounds = 60;
    private const int Pairs = 6;

    // More than any socket takes. All writes share it: to have the system clear new memory for each takes longer than the test.
    private static readonly byte[] s_large = new byte[32_000_000];

    [Test]
    public async Task What_is_pending_ends_with_the_disposal_and_never_with_the_end_of_a_peer_of_the_same_manager([Values] bool unix)
    {
        for (int round = 0; round < Rounds; round++)
        {
            SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
            var pending = new List<(string What, Task<Exception?> Outcome)>();
            for (int i = 0; i < Pairs; i++)
            {
                (StreamSocket one, StreamSocket other) = await PairAsync(selector, unix);
                pending.Add(("line", one.OpenReadChannel().ReadLineAsync().OutcomeAsync()));
                pending.Add(("bytes", other.OpenReadChannel().ReadAsync(new byte[64 * 1024]).OutcomeAsync()));
                (one, other) = await PairAsync(selector, unix);
                pending.Add(("number", one.OpenReadChannel().ReadInt32Async().OutcomeAsync()));
                pending.Add(("copy", other.OpenReadChannel().CopyToAsync(Stream.Null).OutcomeAsync()));
                (one, other) = await PairAsync(selector, unix);
                pending.Add(("write", one.OpenWriteChannel().WriteAsync(s_large).OutcomeAsync()));
                pending.Add(("second write", other.OpenWriteChannel().WriteAsync(s_large).OutcomeAsync()));
                pending.Add(("join", await JoinAsync(selector, unix)));
            }

            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            pending.Add(("accept", server.AcceptAsync().OutcomeAsync()));
            (DatagramSocket sender, DatagramSocket _) = selector.Unix().CreateDatagramPair();
            pending.Add(("datagram", sender.ReceiveAsync().OutcomeAsync()));
            pending.Add(("datagrams to one that does not read", SendForEverAsync(sender).OutcomeAsync()));

            await selector.DisposeAsync().Soon();

            foreach ((string what, Task<Exception?> outcome) in pending)
            {
                Assert.That(await outcome.Soon(), Is.TypeOf<ObjectDisposedException>(), $"round {round}: {what}");
            }
        }
    }

    [Test]
    public async Task A_socket_whose_user_closes_it_when_it_is_told_is_no_peer_that_has_ended([Values] bool aborts)
    {
        for (int round = 0; round < Rounds; round++)
        {
            SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
            var outcomes = new List<Task<Exception?>>();
            for (int i = 0; i < 4 * Pairs; i++)
            {
                (StreamSocket one, StreamSocket other) = await PairAsync(selector, unix: true);
                outcomes.Add(ReadAndCloseAsync(one, aborts).OutcomeAsync());
                outcomes.Add(ReadAndCloseAsync(other, aborts).OutcomeAsync());
            }

            await selector.DisposeAsync().Soon();

            foreach (Task<Exception?> outcome in outcomes)
            {
                Assert.That(await outcome.Soon(), Is.TypeOf<ObjectDisposedException>(), $"round {round}");
            }
        }
    }

    [Test]
    public async Task What_is_pending_under_TLS_ends_with_the_disposal_too()
    {
        for (int round = 0; round < 15; round++)
        {
            SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
            var pending = new List<(string What, Task<Exception?> Outcome)>();
            for (int i = 0; i < 4; i++)
            {
                (Connection client, Connection server) = await SecurePairAsync(selector);
                pending.Add(("read", client.Input.ReadLineAsync().OutcomeAsync()));
                pending.Add(("copy", server.Input.CopyToAsync(Stream.Null).OutcomeAsync()));
                (client, server) = await SecurePairAsync(selector);
                pending.Add(("write", client.Output.WriteAsync(s_large).OutcomeAsync()));
                pending.Add(("second write", server.Output.WriteAsync(s_large).OutcomeAsync()));
            }

            await selector.DisposeAsync().Soon();

            foreach ((string what, Task<Exception?> outcome) in pending)
            {
                Assert.That(await outcome.Soon(), Is.TypeOf<ObjectDisposedException>(), $"round {round}: {what}");
            }
        }
    }

    [Test]
    public async Task A_connect_to_a_listener_of_the_same_manager_ends_with_the_disposal()
    {
        for (int round = 0; round < 20; round++)
        {
            SelectorManager selector = CreateManager();
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, options => options.Backlog = 1);
            Task<Exception?>[] connects = [.. Enumerable.Range(0, 16).Select(_ => selector.Tcp().ConnectAsync(server.LocalEndPoint).OutcomeAsync())];

            await selector.DisposeAsync().Soon();

            foreach (Task<Exception?> connect in connects)
            {
                Assert.That(await connect.Soon(), Is.Null.Or.TypeOf<ObjectDisposedException>());
            }
        }
    }

    [Test]
    public async Task Handlers_whose_clients_belong_to_the_same_manager_see_no_end_but_the_disposal()
    {
        for (int round = 0; round < Rounds; round++)
        {
            SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            int served = 0;
            int ends = 0;
            Task serving = server.ServeAsync(async (connection, token) =>
            {
                Interlocked.Increment(ref served);
                Interlocked.Add(ref ends, await connection.Input.ReadLineAsync(token) is null ? 1 : 0);
            });
            for (int i = 0; i < 8; i++)
            {
                await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            }

            await Waiting.UntilAsync(() => Volatile.Read(ref served) == 8);
            await selector.DisposeAsync().Soon();
            await serving.Soon();

            Assert.That(ends, Is.Zero, $"round {round}");
        }
    }

    private static async Task<(Connection Client, Connection Server)> SecurePairAsync(SelectorManager selector)
    {
        (StreamSocket one, StreamSocket other) = await PairAsync(selector, unix: true);
        Task<Connection> serving = other.OpenConnection().UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection client = await one.OpenConnection().UpgradeToTlsClientAsync(Trusting()).Soon();
        return (client, await serving.Soon());
    }

    private static async Task<(StreamSocket One, StreamSocket Other)> PairAsync(SelectorManager selector, bool unix) =>
        unix ? await selector.Unix().CreatePairAsync().Soon() : await Peers.OwnPairAsync(selector);

    // Two connections through this manager, joined: both peers are its own, too.
    private static async Task<Task<Exception?>> JoinAsync(SelectorManager selector, bool unix)
    {
        (StreamSocket _, StreamSocket near) = await PairAsync(selector, unix);
        (StreamSocket far, StreamSocket _) = await PairAsync(selector, unix);
        return near.OpenConnection().JoinAsync(far.OpenConnection()).OutcomeAsync();
    }

    private static async Task SendForEverAsync(DatagramSocket socket)
    {
        while (true)
        {
            await socket.SendAsync(new byte[100]);
        }
    }

    private static async Task ReadAndCloseAsync(StreamSocket socket, bool aborts)
    {
        try
        {
            await socket.OpenReadChannel().ReadLineAsync();
        }
        finally
        {
            if (aborts)
            {
                socket.Abort();
            }
            else
            {
                await socket.CloseAsync();
            }
        }
    }
}
