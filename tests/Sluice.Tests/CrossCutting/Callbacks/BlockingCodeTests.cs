using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>User code that blocks where the library calls it: it holds up no other connection, and no disposal.</summary>
public sealed class BlockingCodeTests(SelectorEngine engine) : BothEngines(engine)
{
    public enum Sink
    {
        Stream,
        PipeWriter,
    }

    [Test]
    public async Task A_write_that_blocks_at_the_end_of_a_turn_stops_no_loop([Values] Sink sink, [Values] bool handsOff)
    {
        using var goOn = new ManualResetEventSlim();
        using var blocked = new SemaphoreSlim(0);
        using var log = new CollectingLoggerProvider();
        SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1, LoggerFactory = log.CreateFactory() });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0);
        _ = server.ServeAsync(async (connection, token) =>
        {
            ByteWriteChannel? output = null;
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);
                if (line == "block")
                {
                    output = Open(sink, () =>
                    {
                        blocked.Release();
                        goOn.Wait(Patience, CancellationToken.None);
                    });
                    await output.WriteLineAsync(line, token);
                    while (handsOff && LoopTurn.Current is not null)
                    {
                        Thread.Sleep(1);
                    }
                }
            }
        });

        // Several, of which each needs the monitor to be there.
        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            await client.SendAsync("block\n"u8.ToArray());
            Assert.That(await blocked.WaitAsync(Patience), Is.True);
            using Socket other = await Peers.ConnectAsync(server.LocalEndPoint);
            await other.SendAsync("line\n"u8.ToArray());
            byte[] answer = new byte[6];
            for (int count = 0; count < answer.Length;)
            {
                count += await other.ReceiveAsync(answer.AsMemory(count)).Soon();
            }
        }

        await selector.DisposeAsync().Soon();
        goOn.Set();
    }

    [Test]
    public async Task A_log_that_blocks_stops_neither_the_monitor_nor_the_disposal([Values] bool throws)
    {
        using var goOn = new ManualResetEventSlim();
        int blocked = 0;
        using var log = new UserLogger(name =>
        {
            if (name == "LoopHandedOff")
            {
                Interlocked.Increment(ref blocked);
                if (throws)
                {
                    throw new IOException("The disk is full.");
                }

                goOn.Wait(Patience);
            }
        });
        SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1, LoggerFactory = log });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0);
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);

                // Until the monitor has taken the role from this thread.
                while (LoopTurn.Current is not null)
                {
                    Thread.Sleep(1);
                }
            }
        });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        for (int i = 0; i < 5; i++)
        {
            await client.SendAsync("line\n"u8.ToArray());
            byte[] answer = new byte[6];
            for (int count = 0; count < answer.Length;)
            {
                count += await client.ReceiveAsync(answer.AsMemory(count)).Soon();
            }
        }

        if (Engine == SelectorEngine.Epoll)
        {
            await Waiting.UntilAsync(() => Volatile.Read(ref blocked) > 0);
        }

        await selector.DisposeAsync().Soon();
        goOn.Set();
    }

    [Test]
    public async Task What_was_logged_by_the_monitor_is_written_when_the_disposal_ends()
    {
        using var log = new CollectingLoggerProvider();
        SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1, LoggerFactory = log.CreateFactory() });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0);
        int handoffs = 0;
        _ = server.ServeAsync(async (connection, token) =>
        {
            await connection.Input.ReadLineAsync(token);
            handoffs += LoopTurn.Current is null ? 0 : 1;
            while (LoopTurn.Current is not null)
            {
                Thread.Sleep(1);
            }
        });
        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            await client.SendAsync("line\n"u8.ToArray());
            Assert.That(await client.ReadToEndAsync().Soon(), Is.Zero);
        }

        await selector.DisposeAsync().Soon();

        // A loop that got no processor for a while may have been taken over, too.
        if (Engine == SelectorEngine.Epoll)
        {
            // The thread pool writes the entries.
            await Waiting.UntilAsync(() => log.Count("LoopHandedOff") >= handoffs);
        }

        Assert.That(log.Count("LoopHandedOff"), Engine == SelectorEngine.Epoll ? Is.AtLeast(handoffs) : Is.Zero);
    }

    [Test]
    public async Task A_pipe_whose_completion_blocks_holds_up_its_caller_alone()
    {
        using var goOn = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        ByteWriteChannel output = new UserPipeWriter(call =>
        {
            if (call == "PipeWriter.Complete")
            {
                blocked.Set();
                goOn.Wait(2 * Patience);
            }
        }).AsByteWriteChannel();
        await output.WriteStringAsync("bytes");
        Task completing = Task.Run(() => output.CompleteAsync().AsTask());
        Assert.That(blocked.Wait(Patience), Is.True);
        Assert.That(await Task.Run(() => output.UnsentBytes).Soon(), Is.Zero);
        Assert.That(completing.IsCompleted, Is.False);
        goOn.Set();
        await completing.Soon();
    }

    [Test]
    public async Task A_pipe_whose_completion_throws_fails_the_completion_of_its_channel()
    {
        ByteWriteChannel output = new UserPipeWriter(call =>
        {
            if (call == "PipeWriter.Complete")
            {
                throw new InvalidOperationException("Not now.");
            }
        }).AsByteWriteChannel();
        await output.WriteStringAsync("bytes");
        IOException failure = Assert.ThrowsAsync<IOException>(async () => await output.CompleteAsync().Soon())!;
        Assert.That(failure.InnerException, Is.InstanceOf<InvalidOperationException>());
        Assert.That(output.CloseCause, Is.InstanceOf<IOException>());
    }

    private static ByteWriteChannel Open(Sink sink, Action block) => sink == Sink.Stream
        ? new UserStream(_ => block()).AsByteWriteChannel(autoFlush: true)
        : new UserPipeWriter(call =>
        {
            if (call == "PipeWriter.FlushAsync")
            {
                block();
            }
        }).AsByteWriteChannel(autoFlush: true);
}
