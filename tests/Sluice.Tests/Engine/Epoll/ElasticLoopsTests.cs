using System.Diagnostics;
using System.Globalization;
using Sluice.Engine.Epoll;
using Sluice.Engine.Epoll.Balancing;
using Sluice.Engine.Interop;

namespace Sluice.Tests;

[Platform("Linux")]
public sealed class ElasticLoopsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_connection_keeps_its_bytes_and_their_order_while_it_moves_at_every_other_event([Values] ContinuationScheduling scheduling)
    {
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = SelectorEngine.Epoll,
            LoopCount = 3,
            ElasticLoops = false,
            ContinuationScheduling = scheduling,
        });
        IReadOnlyList<EpollLoop> loops = ((EpollEngine)selector.Sockets).Loops;
        for (int i = 0; i < loops.Count; i++)
        {
            loops[i].SetOrder(new MoveOrder(loops[(i + 1) % loops.Count], share: 0.5, repeats: true));
        }

        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(EchoAsync);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendNumbersAsync(selector, server, count: 2_000))).WaitAsync(s_patience);

        Assert.That(loops.Sum(loop => loop.Moves), Is.GreaterThan(1_000));
    }

    [Test]
    [Explicit("Takes some minutes. Run it by its name after a change of how connections move.")]
    public async Task Ten_million_moves_lose_no_byte_no_order_and_no_wake_up()
    {
        const long enough = 10_000_000;
        await using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 3, ElasticLoops = false });
        IReadOnlyList<EpollLoop> loops = ((EpollEngine)selector.Sockets).Loops;
        for (int i = 0; i < loops.Count; i++)
        {
            loops[i].SetOrder(new MoveOrder(loops[(i + 1) % loops.Count], share: 0.5, repeats: true));
        }

        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(EchoAsync);
        var watch = Stopwatch.StartNew();
        while (loops.Sum(loop => loop.Moves) < enough)
        {
            await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => SendNumbersAsync(selector, server, count: 1_000))).WaitAsync(s_patience);
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromMinutes(30)));
        }

        TestContext.Out.WriteLine($"{loops.Sum(loop => loop.Moves):N0} moves in {watch.Elapsed}");
    }

    [Test]
    public async Task Connections_gather_on_one_loop_and_spread_when_it_is_saturated()
    {
        if (Environment.ProcessorCount < 2)
        {
            Assert.Ignore("Spreading pays with two processors or more only.");
        }

        await using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 2, ElasticLoops = true });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        bool computes = false;
        _ = server.ServeAsync(async (connection, cancellationToken) =>
        {
            while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
            {
                if (Volatile.Read(ref computes))
                {
                    Compute(TimeSpan.FromMicroseconds(200));
                }

                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        });

        var clients = new List<Connection>();
        for (int i = 0; i < 16; i++)
        {
            clients.Add((await selector.Tcp().ConnectAsync(server.LocalEndPoint)).OpenConnection());
        }

        // On a machine with more to do, the loop may have looked saturated while the connections came. A connection moves when it has something to do.
        using var patience = new CancellationTokenSource(s_patience);
        while (LoopsInUse(selector).Count > 1)
        {
            foreach (Connection client in clients)
            {
                await client.Output.WriteLineAsync("hello", patience.Token);
                await client.Input.ReadLineAsync(patience.Token);
            }

            await Task.Delay(10, patience.Token);
        }

        using var end = new CancellationTokenSource();
        Volatile.Write(ref computes, true);
        Task[] load = [.. clients.Select(client => AskAsync(client, end.Token))];
        await UntilAsync(() => LoopsInUse(selector).Count == 2);
        await end.CancelAsync();
        await Task.WhenAll(load);
        foreach (Connection client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Test]
    public async Task Connections_are_dealt_out_to_all_loops_and_stay_if_loops_are_not_elastic()
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 2, ElasticLoops = false });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");

        await using StreamSocket one = await selector.Tcp().ConnectAsync(server.LocalEndPoint);
        await using StreamSocket two = await selector.Tcp().ConnectAsync(server.LocalEndPoint);

        Assert.That(LoopsInUse(selector), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_manager_starts_and_ends_whatever_the_balancer_sees_first()
    {
        for (int i = 0; i < 200; i++)
        {
            await using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 4, ElasticLoops = true });
            await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            await using StreamSocket client = await selector.Tcp().ConnectAsync(server.LocalEndPoint);
        }
    }

    [Test]
    public void The_run_delay_of_a_loop_without_a_thread_is_nothing() => Assert.That(new RunDelay().Measure(thread: 0, elapsed: 1), Is.Zero);

    [Test]
    public async Task Connections_close_while_they_move()
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 2 });
        IReadOnlyList<EpollLoop> loops = ((EpollEngine)selector.Sockets).Loops;
        loops[0].SetOrder(new MoveOrder(loops[1], share: 0.5, repeats: true));
        loops[1].SetOrder(new MoveOrder(loops[0], share: 0.5, repeats: true));
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(EchoAsync);

        for (int round = 0; round < 300; round++)
        {
            StreamSocket client = await selector.Tcp().ConnectAsync(server.LocalEndPoint);
            Connection connection = client.OpenConnection();
            await connection.Output.WriteLineAsync("hello");
            await connection.Output.FlushAsync();
            if (round % 2 == 0)
            {
                Assert.That(await connection.Input.ReadLineAsync().AsTask().WaitAsync(s_patience), Is.EqualTo("hello"));
            }

            await (round % 3 == 0 ? Task.Run(client.Abort) : client.CloseAsync().AsTask()).WaitAsync(s_patience);
        }
    }

    private static async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task SendNumbersAsync(SelectorManager selector, ServerSocket server, int count)
    {
        await using Connection client = (await selector.Tcp().ConnectAsync(server.LocalEndPoint)).OpenConnection();
        for (int i = 0; i < count; i++)
        {
            await client.Output.WriteLineAsync(i.ToString(CultureInfo.InvariantCulture));
            await client.Output.FlushAsync();
            Assert.That(await client.Input.ReadLineAsync(), Is.EqualTo(i.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static async Task AskAsync(Connection client, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await client.Output.WriteLineAsync("x", CancellationToken.None);
            await client.Output.FlushAsync(CancellationToken.None);
            await client.Input.ReadLineAsync(CancellationToken.None);
        }
    }

    private static HashSet<int> LoopsInUse(SelectorManager selector) =>
        [.. selector.Describe().Sockets.Where(socket => socket.Kind == "connection").Select(socket => socket.Loop!.Value)];

    private static void Compute(TimeSpan time)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < time)
        {
            Thread.SpinWait(50);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
