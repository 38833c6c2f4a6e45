using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Sockets;

public sealed partial class CloseTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly byte[] s_chunk = new byte[32 * 1024];

    [Test]
    public async Task Connecting_opening_and_closing_is_quick_every_time()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) => await connection.Input.ReadAsync(new byte[1], token));

        for (int i = 0; i < 256; i++)
        {
            StreamSocket socket = await Selector.Tcp().ConnectAsync(server.LocalEndPoint, options => options.CloseTimeout = Patience).Soon();
            socket.OpenConnection();
            await socket.CloseAsync().AsTask().WaitAsync(Waiting.AtOnce);
            await socket.Completion.WaitAsync(Waiting.AtOnce);
            Assert.That(socket.IsClosed, Is.True);
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [TestCase(10)]
    [TestCase(60_000)]
    public async Task Closing_sends_what_was_written_and_then_says_goodbye(int size)
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        await ours.OpenWriteChannel().WriteAsync(new byte[size]).Soon();

        await ours.DisposeAsync().Soon();

        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(size));
        peer.Dispose();
    }

    [Test]
    public async Task Closing_waits_until_a_slow_peer_has_taken_everything()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector, options => options.CloseTimeout = Patience);
        ByteWriteChannel output = ours.OpenWriteChannel(autoFlush: true);
        long written = 0;
        while (output.WriteAsync(s_chunk).AsTask().IsCompletedSuccessfully)
        {
            written += s_chunk.Length;
        }

        // The write that waits ends, and has written nothing.
        Task closing = ours.CloseAsync().AsTask();
        Assert.That(closing.IsCompleted, Is.False);

        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(written));
        await closing.Soon();
        peer.Dispose();
    }

    [Test]
    public async Task A_peer_that_never_reads_holds_a_close_up_for_the_close_timeout_and_then_sees_a_reset()
    {
        var time = new FakeTimeProvider();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = time });
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(selector, options => options.CloseTimeout = TimeSpan.FromSeconds(5));
        ByteWriteChannel output = ours.OpenWriteChannel(autoFlush: true);
        while (output.WriteAsync(s_chunk).AsTask().IsCompletedSuccessfully)
        {
        }

        Task closing = ours.CloseAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(closing.IsCompleted, Is.False);
        Assert.That(ours.Completion.IsCompleted, Is.False);
        Assert.That(ours.IsClosed, Is.True);

        time.Advance(TimeSpan.FromSeconds(0.2));
        await closing.Soon();
        await ours.Completion.Soon();
        Assert.That(await peer.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        peer.Dispose();
    }

    [Test]
    public async Task Giving_up_the_wait_for_a_close_does_not_stop_it()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector, options => options.CloseTimeout = Patience);
        ByteWriteChannel output = ours.OpenWriteChannel(autoFlush: true);
        while (output.WriteAsync(s_chunk).AsTask().IsCompletedSuccessfully)
        {
        }

        using var cancellation = new CancellationTokenSource();
        Task closing = ours.CloseAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await closing.Soon());
        Assert.That(ours.Completion.IsCompleted, Is.False);

        await peer.ReadToEndAsync();
        await ours.Completion.Soon();
        peer.Dispose();
    }

    [Test]
    public async Task Abort_resets()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        await ours.OpenWriteChannel().WriteAsync(new byte[100]).Soon();

        ours.Abort();

        Assert.That(ours.Completion.IsCompleted, Is.True);
        Assert.That(ours.IsClosed, Is.True);
        Assert.That(await peer.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        peer.Dispose();
    }

    [Test]
    public async Task Abort_cuts_a_close_short()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector, options => options.CloseTimeout = TimeSpan.FromHours(1));
        ByteWriteChannel output = ours.OpenWriteChannel(autoFlush: true);
        while (output.WriteAsync(s_chunk).AsTask().IsCompletedSuccessfully)
        {
        }

        Task closing = ours.CloseAsync().AsTask();
        Assert.That(closing.IsCompleted, Is.False);

        ours.Abort();

        await closing.Soon();
        await ours.Completion.Soon();
        Assert.That(await peer.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        peer.Dispose();
    }

    [Test]
    public async Task Closing_and_aborting_may_be_mixed_from_many_threads_at_once()
    {
        int before = Descriptors.Count();
        for (int round = 0; round < 100; round++)
        {
            (StreamSocket ours, StreamSocket other) = await Peers.OwnPairAsync(Selector);
            Connection connection = ours.OpenConnection();
            Task reading = connection.Input.ReadAsync(new byte[10]).OutcomeAsync();
            await connection.Output.WriteLineAsync("hello").Soon();
            using var barrier = new Barrier(6);
            bool aborts = round % 2 == 0;
            Task[] ends =
            [
                .. Enumerable.Range(0, 6).Select(i => Task.Factory.StartNew(
                    async () =>
                    {
                        barrier.SignalAndWait();
                        switch (i % 3)
                        {
                            case 0 when aborts:
                                ours.Abort();
                                break;
                            case 1:
                                await ours.CloseAsync();
                                break;
                            default:
                                await ours.DisposeAsync();
                                break;
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default).Unwrap()),
            ];

            await Task.WhenAll(ends).Soon();
            await ours.Completion.Soon();
            await reading.Soon();
            ours.Abort();
            await ours.CloseAsync().Soon();
            await other.CloseAsync().Soon();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task The_peer_gets_everything_although_both_have_data_unread_and_the_peer_still_sends()
    {
        const int size = 300_000;
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector, options => options.CloseTimeout = Patience);
        await peer.SendAsync(new byte[50_000]);
        await Waiting.UntilAsync(() => peer.Poll(0, SelectMode.SelectWrite));
        Connection connection = ours.OpenConnection();
        await connection.Input.ReadExactlyAsync(new byte[10]).Soon();
        using var stop = new CancellationTokenSource();
        Task sending = Task.Run(async () =>
        {
            byte[] more = new byte[1000];
            while (!stop.IsCancellationRequested)
            {
                await peer.SendAsync(more, stop.Token);
            }
        });
        Task writing = connection.Output.WriteAsync(new byte[size]).AsTask();
        Task<long> reading = Task.Run(peer.ReadToEndAsync);
        await writing.Soon();

        Task closing = ours.CloseAsync().AsTask();

        Assert.That(await reading.Soon(), Is.EqualTo(size));
        await stop.CancelAsync();
        await sending.ContinueWith(_ => { }, TaskScheduler.Default).Soon();
        peer.Dispose();
        await closing.Soon();
    }

    [Test]
    public async Task Half_a_close_lets_the_peer_go_on()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        await HalfClose.CheckAsync(ours, peer);
        await ours.CloseAsync().Soon();
        peer.Dispose();
    }

    [Test]
    public async Task A_peer_that_half_closes_can_still_be_written_to()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        Connection connection = ours.OpenConnection();

        peer.Shutdown(SocketShutdown.Send);
        Assert.That(await connection.Input.ReadAsync(new byte[10]).Soon(), Is.Zero);
        await connection.Output.WriteAsync(new byte[200_000]).AsTask().WaitAsync(Patience);
        Task closing = connection.DisposeAsync().AsTask();

        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(200_000));
        await closing.Soon();
        peer.Dispose();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_is_pending_ends_at_once_with_ObjectDisposedException(bool abort)
    {
        (StreamSocket reader, Socket silent) = await Peers.PairAsync(Selector, options => options.CloseTimeout = TimeSpan.FromSeconds(60));
        Task<Exception?> reading = reader.OpenReadChannel().ReadLineAsync().OutcomeAsync();

        (StreamSocket writer, Socket stuck) = await Peers.PairAsync(Selector, options => options.CloseTimeout = TimeSpan.FromSeconds(60));
        ByteWriteChannel output = writer.OpenWriteChannel(autoFlush: true);
        Task writing;
        while ((writing = output.WriteAsync(s_chunk).AsTask()).IsCompletedSuccessfully)
        {
        }

        (StreamSocket flusher, Socket stuckToo) = await Peers.PairAsync(Selector, options => options.CloseTimeout = TimeSpan.FromSeconds(60));
        ByteWriteChannel flushed = flusher.OpenWriteChannel();
        Task flushing;
        do
        {
            await flushed.WriteAsync(s_chunk).Soon();
            flushing = flushed.FlushAsync().AsTask();
        }
        while (flushing.IsCompletedSuccessfully);

        foreach (StreamSocket socket in new[] { reader, writer, flusher })
        {
            if (abort)
            {
                socket.Abort();
            }
            else
            {
                _ = socket.CloseAsync().AsTask();
            }
        }

        Assert.That(await reading, Is.TypeOf<ObjectDisposedException>());
        Assert.That(await writing.OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        Assert.That(await flushing.OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        foreach (Socket peer in new[] { silent, stuck, stuckToo })
        {
            peer.Dispose();
        }
    }

    [Test]
    public async Task Each_channel_opens_once()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);

        client.OpenReadChannel();
        client.OpenWriteChannel();
        accepted.OpenConnection();

        Assert.Throws<InvalidOperationException>(() => client.OpenReadChannel());
        Assert.Throws<InvalidOperationException>(() => client.OpenWriteChannel());
        Assert.Throws<InvalidOperationException>(() => client.OpenConnection());
        Assert.Throws<InvalidOperationException>(() => accepted.OpenReadChannel());
        Assert.Throws<InvalidOperationException>(() => accepted.OpenWriteChannel());
    }

    [Test]
    public async Task Nothing_opens_reads_or_writes_after_the_close()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);
        Connection connection = accepted.OpenConnection();
        await client.CloseAsync().Soon();
        await accepted.CloseAsync().Soon();

        Assert.Throws<ObjectDisposedException>(() => client.OpenReadChannel());
        Assert.Throws<ObjectDisposedException>(() => client.OpenWriteChannel());
        Assert.Throws<ObjectDisposedException>(() => client.OpenConnection());
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.ShutdownOutputAsync());
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.Input.ReadAsync(new byte[1]));
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.Input.ReadLineAsync());
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.Output.WriteAsync(new byte[1]));
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.Output.WriteLineAsync("x"));
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.Output.FlushAsync());
    }

    [Test]
    public async Task A_completed_channel_is_not_written_to()
    {
        (StreamSocket client, _) = await Peers.OwnPairAsync(Selector);
        ByteWriteChannel output = client.OpenWriteChannel();

        await output.CompleteAsync().Soon();
        await output.CompleteAsync().Soon();

        Assert.ThrowsAsync<ObjectDisposedException>(async () => await output.WriteAsync(new byte[1]));
        Assert.That(client.IsClosed, Is.False);
    }

    [Test]
    public async Task A_reset_by_the_peer_is_an_IOException_with_the_SocketException_inside_each_time_it_is_asked()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        Connection connection = ours.OpenConnection();
        Task<int> reading = connection.Input.ReadAsync(new byte[10]).AsTask();

        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();

        for (int i = 0; i < 3; i++)
        {
            IOException exception = Assert.ThrowsAsync<IOException>(
                async () => await (i == 0 ? reading : connection.Input.ReadAsync(new byte[10]).AsTask()).Soon())!;
            Assert.That((exception.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        }

        Assert.ThrowsAsync<IOException>(async () =>
        {
            await connection.Output.WriteAsync(new byte[10]).Soon();
            await connection.Output.FlushAsync().Soon();
        });
        Assert.That(ours.IsClosed, Is.False);
        await ours.CloseAsync().Soon();
        await ours.Completion.Soon();
    }
}
