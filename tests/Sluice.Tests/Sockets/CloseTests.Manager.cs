using System.Net.Sockets;

namespace Sluice.Tests.Sockets;

// Descriptors, and managers that are disposed of.
public sealed partial class CloseTests
{
    [Test]
    public async Task A_thousand_connections_leave_no_descriptor_behind()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);
            }
        });
        await RoundTripAsync(0);
        int descriptors = Descriptors.Count();
        int threads = Descriptors.Threads("Sluice loop");

        for (int i = 0; i < 1000; i++)
        {
            await RoundTripAsync(i);
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= descriptors);
        await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") <= threads);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();

        async Task RoundTripAsync(int i)
        {
            StreamSocket socket = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync($"line {i}").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
            if (i % 3 == 0)
            {
                socket.Abort();
            }
            else
            {
                await socket.CloseAsync().Soon();
            }
        }
    }

    [Test]
    public async Task A_disposed_manager_leaves_no_descriptor_and_no_thread_behind()
    {
        await CycleAsync();
        int descriptors = Descriptors.Count();
        int loops = Descriptors.Threads("Sluice loop");
        int monitors = Descriptors.Threads("Sluice monitor");

        for (int i = 0; i < 20; i++)
        {
            await CycleAsync();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= descriptors);
        await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") <= loops);
        await Waiting.UntilAsync(() => Descriptors.Threads("Sluice monitor") <= monitors);

        async Task CycleAsync()
        {
            await using SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            Task serving = server.ServeAsync((connection, token) => connection.Input.ReadLineAsync(token).AsTask());
            for (int i = 0; i < 5; i++)
            {
                StreamSocket socket = await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
                await socket.OpenWriteChannel().WriteLineAsync("unsent").Soon();
            }

            await selector.DisposeAsync().Soon();
            Assert.That(server.IsClosed, Is.True);
            await serving.Soon();
        }
    }

    [Test]
    public async Task Everything_pending_ends_with_an_error_when_the_manager_is_disposed()
    {
        await using SelectorManager selector = CreateManager();
        using FullListener full = await FullListener.CreateAsync();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        (StreamSocket reader, Socket silent) = await Peers.PairAsync(selector, options => options.CloseTimeout = Patience);
        (StreamSocket writer, Socket stuck) = await Peers.PairAsync(selector, options => options.CloseTimeout = Patience);
        (StreamSocket flusher, Socket stuckToo) = await Peers.PairAsync(selector, options => options.CloseTimeout = Patience);
        ByteWriteChannel output = writer.OpenWriteChannel(autoFlush: true);
        ByteWriteChannel flushed = flusher.OpenWriteChannel();

        Task accepting = server.AcceptAsync().AsTask();
        Task connecting = selector.Tcp().ConnectAsync(full.EndPoint).AsTask();
        Task reading = reader.OpenReadChannel().ReadLineAsync().AsTask();
        Task writing;
        while ((writing = output.WriteAsync(s_chunk).AsTask()).IsCompletedSuccessfully)
        {
        }

        Task flushing;
        do
        {
            await flushed.WriteAsync(s_chunk).Soon();
            flushing = flushed.FlushAsync().AsTask();
        }
        while (flushing.IsCompletedSuccessfully);

        await selector.DisposeAsync().AsTask().WaitAsync(Waiting.AtOnce);

        foreach (Task pending in new[] { accepting, connecting, reading, writing, flushing })
        {
            Assert.That(await pending.WaitAsync(Waiting.AtOnce).OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        }

        foreach (StreamSocket socket in new[] { reader, writer, flusher })
        {
            await socket.Completion.Soon();
            Assert.That(socket.IsClosed, Is.True);
        }

        await server.Completion.Soon();
        foreach (Socket peer in new[] { silent, stuck, stuckToo })
        {
            Assert.That(await peer.EndAsync(), Is.AnyOf(SocketError.Success, SocketError.ConnectionReset));
            peer.Dispose();
        }
    }

    [Test]
    public async Task Connections_that_come_while_the_manager_is_disposed_are_closed_too()
    {
        for (int i = 0; i < 30; i++)
        {
            SelectorManager selector = CreateManager();
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            var begun = new TaskCompletionSource();
            Task<List<StreamSocket>> connecting = Task.Run(async () =>
            {
                var sockets = new List<StreamSocket>();
                try
                {
                    while (true)
                    {
                        sockets.Add(await selector.Tcp().ConnectAsync(server.LocalEndPoint));
                        sockets.Add(await server.AcceptAsync());
                        begun.TrySetResult();
                    }
                }
                catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
                {
                    return sockets;
                }
            });

            await begun.Task.Soon();
            await selector.DisposeAsync().Soon();

            foreach (StreamSocket socket in await connecting.Soon())
            {
                await socket.Completion.Soon();
                Assert.That(socket.IsClosed, Is.True);
            }
        }
    }

    [TestCase(10)]
    [TestCase(Timeout.Infinite)]
    public async Task A_manager_may_be_disposed_inside_a_handler(int handoffAfterMilliseconds)
    {
        SelectorManager selector = CreateManager(new SelectorOptions
        {
            LoopCount = 1,
            HandoffAfter = TimeSpan.FromMilliseconds(handoffAfterMilliseconds),
        });
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            await connection.Input.ReadLineAsync(token);
            selector.Dispose();
            disposed.SetResult();
        });
        using Socket peer = await Peers.ConnectAsync(server.LocalEndPoint);
        await peer.SendAsync("\n"u8.ToArray());

        await disposed.Task.Soon();

        await serving.Soon();
    }

    [Test]
    public async Task A_manager_may_be_disposed_from_many_threads_at_once()
    {
        for (int round = 0; round < 20; round++)
        {
            SelectorManager selector = CreateManager();
            await Peers.OwnPairAsync(selector);
            Task[] disposing = [.. Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
            {
                if (i % 2 == 0)
                {
                    selector.Dispose();
                }
                else
                {
                    await selector.DisposeAsync();
                }
            }))];
            await Task.WhenAll(disposing).Soon();
        }
    }
}
