using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Epoll;
using Sluice.Scheduling;

namespace Sluice.Tests.Scheduling;

/// <summary>Handlers that hold up the thread they run on, on a manager with one loop.</summary>
public sealed class HandoffTests(SelectorEngine engine) : BothEngines(engine)
{
    protected override SelectorOptions Options => new() { LoopCount = 1 };

    [Test]
    public async Task A_handler_that_sleeps_delays_no_other()
    {
        using var wake = new ManualResetEventSlim();
        using var asleep = new SemaphoreSlim(0);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                if (line == "sleep")
                {
                    asleep.Release();
                    wake.Wait(Patience, CancellationToken.None);
                }

                await connection.Output.WriteLineAsync(line, token);
            }
        });
        using Socket awake = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket sleeper = await Peers.ConnectAsync(server.LocalEndPoint);
        await EchoAsync(awake, "warm");
        await sleeper.SendAsync("sleep\n"u8.ToArray());
        Assert.That(await asleep.WaitAsync(Patience), Is.True);

        // Were it not for handoff, every one of them would last until the sleeper wakes, which it does after them.
        var times = new TimeSpan[20];
        for (int i = 0; i < times.Length; i++)
        {
            long started = Stopwatch.GetTimestamp();
            await EchoAsync(awake, $"line {i}");
            times[i] = Stopwatch.GetElapsedTime(started);
        }

        Assert.That(times.Order().ElementAt(times.Length / 2), Is.LessThan(TimeSpan.FromSeconds(1)));
        wake.Set();
        await ExpectAsync(sleeper, "sleep");
        await EchoAsync(sleeper, "again");
    }

    [Test]
    public async Task Many_handlers_may_block_at_once()
    {
        const int count = 20;

        // On the portable engine handlers hold up threads of the pool, which without this makes them one every half second.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        Assert.That(ThreadPool.SetMinThreads(workers + count, ports), Is.True);
        try
        {
            await ManyBlockAsync(count);
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, ports);
        }
    }

    private async Task ManyBlockAsync(int count)
    {
        using var wake = new ManualResetEventSlim();
        using var asleep = new CountdownEvent(count);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                if (line == "sleep")
                {
                    asleep.Signal();
                    wake.Wait(Patience, CancellationToken.None);
                }

                await connection.Output.WriteLineAsync(line, token);
            }
        });
        using Socket awake = await Peers.ConnectAsync(server.LocalEndPoint);
        await EchoAsync(awake, "warm");
        int threads = Descriptors.Threads("Sluice loop");
        var sleepers = new List<Socket>();
        for (int i = 0; i < count; i++)
        {
            sleepers.Add(await Peers.ConnectAsync(server.LocalEndPoint));
            await sleepers[i].SendAsync("sleep\n"u8.ToArray());
        }

        await Waiting.UntilAsync(() => asleep.IsSet);
        await EchoAsync(awake, "still there");
        wake.Set();
        foreach (Socket sleeper in sleepers)
        {
            await ExpectAsync(sleeper, "sleep");
            await EchoAsync(sleeper, "again");
            sleeper.Dispose();
        }

        // Their threads have gone, but for a few.
        await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") <= threads + LoopThreads.MaxSpareThreads);
    }

    [Test]
    public async Task Handlers_that_block_one_after_the_other_need_a_few_threads()
    {
        var threads = new ConcurrentDictionary<Thread, bool>(ReferenceEqualityComparer.Instance);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                threads.TryAdd(Thread.CurrentThread, true);
                Thread.Sleep(20);
                await connection.Output.WriteLineAsync(line, token);
            }
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        for (int i = 0; i < 50; i++)
        {
            await EchoAsync(client, $"line {i}");
        }

        // On the portable engine they are those of the pool, which decides how many there are.
        if (Engine == SelectorEngine.Epoll)
        {
            Assert.That(threads, Has.Count.LessThanOrEqualTo(2 + LoopThreads.MaxSpareThreads));
        }
    }

    [TestCase(10)]
    [TestCase(Timeout.Infinite)]
    public async Task Waiting_for_something_of_another_thread_deadlocks_nothing(int handoffAfterMilliseconds)
    {
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = Engine,
            LoopCount = 1,
            HandoffAfter = TimeSpan.FromMilliseconds(handoffAfterMilliseconds),
        });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                using var done = new ManualResetEventSlim();
                ThreadPool.UnsafeQueueUserWorkItem(_ => done.Set(), null);
                done.Wait(Patience, CancellationToken.None);
                await connection.Output.WriteLineAsync(line, token);
            }
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        for (int i = 0; i < 20; i++)
        {
            await EchoAsync(client, $"line {i}");
        }
    }

    [Test]
    public async Task Sync_over_async_on_the_connection_itself_does_not_deadlock()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync((connection, token) =>
        {
            while (connection.Input.ReadLineAsync(token).AsTask().GetAwaiter().GetResult() is { } line)
            {
                AnswerAsync(connection, line).GetAwaiter().GetResult();
            }

            return Task.CompletedTask;
        });

        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket second = await Peers.ConnectAsync(server.LocalEndPoint);
        for (int i = 0; i < 10; i++)
        {
            await EchoAsync(first, $"first {i}");
            await EchoAsync(second, $"second {i}");
        }

        static async Task AnswerAsync(Connection connection, string line)
        {
            await connection.Output.WriteLineAsync(line);
            await connection.Output.FlushAsync();
            await Task.Yield();
        }
    }

    [Test]
    public async Task Sync_over_async_to_a_server_of_the_same_loop_does_not_deadlock()
    {
        await using ServerSocket backend = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = backend.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);
            }
        });
        await using ServerSocket front = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = front.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(AskAsync(line).GetAwaiter().GetResult()!, token);
            }
        });

        using Socket client = await Peers.ConnectAsync(front.LocalEndPoint);
        for (int i = 0; i < 10; i++)
        {
            await EchoAsync(client, $"line {i}");
        }

        async Task<string?> AskAsync(string line)
        {
            await using StreamSocket socket = await Selector.Tcp().ConnectAsync(backend.LocalEndPoint);
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync(line);
            return await connection.Input.ReadLineAsync();
        }
    }

    [TestCase(ContinuationScheduling.Inline)]
    [TestCase(ContinuationScheduling.ThreadPool)]
    public async Task What_a_handler_wrote_before_it_blocks_arrives_while_it_blocks(ContinuationScheduling scheduling)
    {
        await using SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1, ContinuationScheduling = scheduling });
        using var wake = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            await connection.Input.ReadLineAsync(token);
            await connection.Output.WriteLineAsync("before", token);
            wake.Wait(Patience, CancellationToken.None);
            await connection.Output.WriteLineAsync("after", token);
            blocked.SetResult();
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync("go\n"u8.ToArray());

        await ExpectAsync(client, "before");

        Assert.That(blocked.Task.IsCompleted, Is.False);
        wake.Set();
        await ExpectAsync(client, "after");
    }

    [Test]
    public async Task Under_thousands_of_handoffs_no_byte_is_lost_or_reordered()
    {
        const int connections = 16;
        const int rounds = 130;
        const int size = 40_000;
        int handoffs = 0;
        using var log = new CollectingLoggerProvider();
        using ILoggerFactory factory = log.CreateFactory();
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = Engine,
            LoopCount = 4,
            HandoffAfter = TimeSpan.FromMilliseconds(1),
            LoggerFactory = factory,
        });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            byte[] buffer = new byte[8192];
            int count;
            for (int i = 0; (count = await connection.Input.ReadAsync(buffer, token)) > 0; i++)
            {
                // In pieces, so that some are written before and some after the role is taken.
                for (int at = 0; at < count; at += 1000)
                {
                    await connection.Output.WriteAsync(buffer.AsMemory(at, Math.Min(1000, count - at)), token);
                    if (at == 2000 && i % 2 == 0)
                    {
                        // Until it happens.
                        if (LoopTurn.Current is not null)
                        {
                            Interlocked.Increment(ref handoffs);
                        }

                        while (LoopTurn.Current is not null)
                        {
                            Thread.Sleep(1);
                        }
                    }
                }
            }
        });
        int threads = Descriptors.Threads("Sluice loop");

        await Task.WhenAll(Enumerable.Range(0, connections).Select(TransferAsync)).Soon();
        await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") <= threads + LoopThreads.MaxSpareThreads);
        Assert.That(handoffs, Is.GreaterThan(2000));
        if (Engine == SelectorEngine.Epoll)
        {
            // The thread pool writes the entries.
            await Waiting.UntilAsync(() => log.Count("LoopHandedOff") >= handoffs);
        }

        async Task TransferAsync(int id)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            byte[] sent = new byte[size];
            byte[] received = new byte[size];
            for (int round = 0; round < rounds; round++)
            {
                new Random((id * rounds) + round).NextBytes(sent);
                Task sending = client.SendAsync(sent);
                for (int at = 0; at < size;)
                {
                    int count = await client.ReceiveAsync(received.AsMemory(at));
                    Assert.That(count, Is.GreaterThan(0));
                    at += count;
                }

                await sending;
                Assert.That(received.AsSpan().SequenceEqual(sent), Is.True, $"Connection {id}, round {round}");
            }
        }
    }

    [Test]
    public async Task On_the_thread_pool_no_handler_runs_on_a_loop()
    {
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = Engine,
            LoopCount = 1,
            ContinuationScheduling = ContinuationScheduling.ThreadPool,
        });
        var elsewhere = new ConcurrentQueue<string?>();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                if (!Thread.CurrentThread.IsThreadPoolThread)
                {
                    elsewhere.Enqueue(Thread.CurrentThread.Name);
                }

                await connection.Output.WriteLineAsync(line, token);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async id =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            Connection connection = socket.OpenConnection();
            for (int i = 0; i < 200; i++)
            {
                string line = $"connection {id} line {i} {new string('x', i * 20)}";
                await connection.Output.WriteLineAsync(line).Soon();
                Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo(line));
            }
        })).Soon();

        Assert.That(elsewhere, Is.Empty);
    }

    [TestCase(ContinuationScheduling.ThreadPool)]
    [TestCase(ContinuationScheduling.Inline)]
    public async Task Large_transfers_arrive_whole_without_handoff_too(ContinuationScheduling scheduling)
    {
        const int size = 5_000_000;
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = Engine,
            ContinuationScheduling = scheduling,
            HandoffAfter = Timeout.InfiniteTimeSpan,
        });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            byte[] buffer = new byte[8192];
            int count;
            while ((count = await connection.Input.ReadAsync(buffer, token)) > 0)
            {
                await connection.Output.WriteAsync(buffer.AsMemory(0, count), token);
            }
        });
        byte[] sent = new byte[size];
        new Random(1).NextBytes(sent);
        byte[] received = new byte[size];
        await using StreamSocket socket = await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        Connection client = socket.OpenConnection();

        Task sending = Task.Run(async () =>
        {
            await client.Output.WriteAsync(sent);
            await client.Output.CompleteAsync();
        });
        await client.Input.ReadExactlyAsync(received).Soon();

        await sending.Soon();
        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        Assert.That(await client.Input.ReadAsync(new byte[1]).Soon(), Is.Zero);
    }

    private static async Task EchoAsync(Socket client, string line)
    {
        await client.SendAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        await ExpectAsync(client, line);
    }

    private static async Task ExpectAsync(Socket client, string line)
    {
        byte[] expected = System.Text.Encoding.UTF8.GetBytes(line + "\r\n");
        byte[] received = new byte[expected.Length];
        using var patience = new CancellationTokenSource(Patience);
        for (int at = 0; at < received.Length;)
        {
            int count = await client.ReceiveAsync(received.AsMemory(at), patience.Token);
            Assert.That(count, Is.GreaterThan(0), "The connection ended.");
            at += count;
        }

        Assert.That(received, Is.EqualTo(expected));
    }
}
