using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Engine;

/// <summary>Faults that were found, where no subject's own tests say it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RegressionTests(SelectorEngine engine) : BothEngines(engine)
{
    // What the kernel still has to send when the descriptor is closed is lost if the peer sends then: the kernel answers with a reset
    // (RFC 2525, 2.17).
    [Test]
    public async Task A_peer_that_begins_to_send_after_the_close_still_gets_everything()
    {
        const int size = 1_000_000;
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector, options => options.CloseTimeout = Patience);
        ByteWriteChannel output = ours.OpenWriteChannel();
        await output.WriteAsync(new byte[size]).Soon();
        await output.FlushAsync().Soon();
        Task closing = ours.CloseAsync().AsTask();

        // Waits out the first steps of the close: the peer sends after them.
        await Task.Delay(50);

        await peer.SendAsync(new byte[10]);

        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(size));
        peer.Dispose();
        await closing.Soon();
    }

    // The system tells a reset once. When it told the write that was under way, a read that came in between took the end for a proper one.
    [Test]
    public async Task A_reset_that_ends_a_write_is_no_proper_end_for_the_read_beside_it()
    {
        for (int i = 0; i < 200; i++)
        {
            (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
            await using (ours)
            {
                Connection connection = ours.OpenConnection();
                Task writing = Task.Run(() => WriteForeverAsync(connection.Output));
                Task<int> reading = connection.Input.ReadAsync(new byte[10]).AsTask();
                await peer.ReceiveAsync(new byte[1]).Soon();
                await peer.SendAsync(new byte[1]).Soon();
                peer.LingerState = new LingerOption(enable: true, seconds: 0);
                peer.Close();

                Assert.That(await reading.Soon(), Is.EqualTo(1));
                Assert.ThrowsAsync<IOException>(async () => await connection.Input.ReadAsync(new byte[10]).Soon());
                Assert.ThrowsAsync<IOException>(() => writing.Soon());
            }
        }
    }

    // The portable engine's wait captured the context, and a thread that blocked there waited for itself.
    [Test]
    public async Task A_read_needs_nothing_of_the_context_it_began_in()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        await using (ours)
        using (peer)
        {
            ByteReadChannel input = ours.OpenReadChannel();
            SynchronizationContext? before = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(new DeafContext());
            Task<int> reading;
            try
            {
                reading = input.ReadAsync(new byte[10]).AsTask();
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(before);
            }

            await peer.SendAsync(new byte[2]);

            Assert.That(await reading.Soon(), Is.EqualTo(2));
        }
    }

    // A read stops at urgent data (tcp(7)): that it was short does not say that nothing is left.
    [TestCase(50)]
    [TestCase(0)]
    public async Task What_comes_behind_urgent_data_is_read_without_waiting_for_more(int pauseMilliseconds)
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        await using (ours)
        using (peer)
        {
            ByteReadChannel input = ours.OpenReadChannel();
            byte[] received = new byte[4];
            for (int i = 0; i < 20; i++)
            {
                await peer.SendAsync("ab"u8.ToArray());
                await peer.SendAsync("!"u8.ToArray(), SocketFlags.OutOfBand);
                await peer.SendAsync("cd"u8.ToArray());

                // With a pause, all of it has come before the read.
                await Task.Delay(pauseMilliseconds);

                await input.ReadExactlyAsync(received).Soon();

                Assert.That(received, Is.EqualTo("abcd"u8.ToArray()));
            }
        }
    }

    // Ask for memory, find that there is nothing to put into it, complete: what every copying loop does at its end.
    [Test]
    public async Task Memory_that_was_not_used_goes_back_when_the_pipe_is_completed([Values] bool failed, [Values] bool afterOthers)
    {
        using var pool = new CountingPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(selector);
        await using (ours)
        using (peer)
        {
            PipeWriter writer = ours.OpenWriteChannel().AsPipeWriter();
            if (afterOthers)
            {
                await writer.WriteAsync(new byte[100]).Soon();
            }

            writer.GetMemory();
            await writer.CompleteAsync(failed ? new InvalidDataException() : null);

            Assert.That(pool.Outstanding, Is.Zero);
        }
    }

    // The portable engine told of a send only when all of a segment was gone.
    [Test]
    public async Task A_peer_that_takes_little_at_a_time_is_no_timeout()
    {
        var time = new FakeTimeProvider();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = time });
        (StreamSocket ours, Socket peer) = await Peers.ToPlainAsync(
            selector,
            options =>
            {
                options.SendBufferSize = 4096;
                options.SocketTimeout = TimeSpan.FromSeconds(8);
            },
            listener => listener.ReceiveBufferSize = 4096);
        await using (ours)
        using (peer)
        {
            PipeWriter writer = ours.OpenWriteChannel().AsPipeWriter();
            writer.GetMemory(128 * 1024);
            writer.Advance(128 * 1024);
            Task<FlushResult> flushing = writer.FlushAsync().AsTask();
            byte[] buffer = new byte[4096];
            DateTimeOffset started = time.GetUtcNow();
            for (int left = 128 * 1024; left > 0;)
            {
                left -= await peer.ReceiveAsync(buffer).Soon();

                // Slower than the timeout in all, faster than it each time. The peer's time stands still while it waits for what the kernel holds back.
                time.Advance(TimeSpan.FromSeconds(0.5));
            }

            await flushing.Soon();
            Assert.That(time.GetUtcNow() - started, Is.GreaterThan(TimeSpan.FromSeconds(8)));
        }
    }

    // The exception went through the event loop and ended the process, or kept a connection from ever being counted as closed.
    [Test]
    public async Task A_logger_that_throws_stops_no_server()
    {
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new ThrowingLoggerProvider()));
        await using SelectorManager selector = CreateManager(new SelectorOptions { LoggerFactory = factory });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync((_, _) => throw new InvalidOperationException("wrong"));
        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    private static async Task WriteForeverAsync(ByteWriteChannel output)
    {
        while (true)
        {
            await output.WriteAsync(new byte[16 * 1024]);
            await output.FlushAsync();
        }
    }

    /// <summary>Runs nothing, as if its thread were blocked.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    /// <summary>Knows how much of it is rented.</summary>
    private sealed class CountingPool : MemoryPool<byte>
    {
        private int _outstanding;

        public override int MaxBufferSize => 4096;

        public int Outstanding => Volatile.Read(ref _outstanding);

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            Interlocked.Increment(ref _outstanding);
            return new Block(this);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Block(CountingPool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[4096];

            public void Dispose() => Interlocked.Decrement(ref pool._outstanding);
        }
    }
}
