using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>The synchronous half of a stream view: as that of the framework's own streams.</summary>
public sealed class BlockingStreamTests(SelectorEngine engine) : EveryConnection(engine)
{
    private const int Large = 1024 * 1024;

    [Test]
    public async Task Reading_into_a_span_makes_no_array_of_its_size([Values] ConnectionKind kind)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        Stream stream = server.AsStream();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                await client.Output.WriteAsync(Pattern.Bytes(Large, (long)i * Large));
            }
        });

        long allocated = await Task.Run(() =>
        {
            byte[] buffer = new byte[Large];
            byte[] got = new byte[10 * Large];
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int done = 0; done < got.Length;)
            {
                int count = stream.Read(buffer.AsSpan(0, Math.Min(Large, got.Length - done)));
                buffer.AsSpan(0, count).CopyTo(got.AsSpan(done));
                done += count;
            }

            long after = GC.GetAllocatedBytesForCurrentThread();
            Pattern.Check(got, 0);
            return after - before;
        }).Soon();
        await writing.Soon();
        Assert.That(allocated, Is.LessThan(Large));
    }

    [Test]
    public async Task Writing_a_span_makes_no_array_of_its_size([Values] ConnectionKind kind)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        Stream stream = client.AsStream();
        Task reading = Task.Run(async () =>
        {
            byte[] buffer = new byte[10_000];
            for (int done = 0; done < 10 * Large;)
            {
                int count = await server.Input.ReadAsync(buffer);
                Pattern.Check(buffer.AsSpan(0, count), done);
                done += count;
            }
        });
        long allocated = await Task.Run(() =>
        {
            byte[] bytes = Pattern.Bytes(10 * Large);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int done = 0; done < bytes.Length; done += Large)
            {
                stream.Write(bytes.AsSpan(done, Large));
            }

            stream.Flush();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).Soon();
        await reading.Soon();
        Assert.That(allocated, Is.LessThan(Large));
    }

    [Test]
    public async Task Text_readers_and_writers_make_no_array_of_the_size_either()
    {
        (Connection client, Connection server) = await ConnectAsync(ConnectionKind.Memory);
        Task<long> writing = Task.Run(() =>
        {
            char[] text = new char[Large];
            text.AsSpan().Fill('x');
            TextWriter writer = client.Output.AsTextWriter();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
            {
                writer.Write(text.AsSpan());
            }

            writer.Flush();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        long allocated = await Task.Run(() =>
        {
            char[] buffer = new char[Large];
            TextReader reader = server.Input.AsTextReader();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int done = 0; done < 10 * Large;)
            {
                int count = reader.Read(buffer.AsSpan());
                Assert.That(buffer.AsSpan(0, count).ContainsAnyExcept('x'), Is.False);
                done += count;
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).Soon();
        Assert.That(await writing.Soon(), Is.LessThan(2 * Large));
        Assert.That(allocated, Is.LessThan(10 * Large));
    }

    [Test]
    public async Task Single_bytes_need_no_memory([Values(ConnectionKind.Tcp, ConnectionKind.Memory)] ConnectionKind kind)
    {
        const int count = 10_000;
        (Connection client, Connection server) = await ConnectAsync(kind);
        await client.Output.WriteAsync(Pattern.Bytes(count)).Soon();
        await server.Output.FlushAsync().Soon();
        (long allocated, byte[] got) = await Task.Run(() =>
        {
            Stream stream = server.AsStream();
            byte[] bytes = new byte[count];
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < count; i++)
            {
                bytes[i] = (byte)stream.ReadByte();
                stream.WriteByte(bytes[i]);
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before, bytes);
        }).Soon();
        Pattern.Check(got, 0);
        Pattern.Check(await client.Input.ReadExactlyAsync(count).Soon(), 0);
        Assert.That(allocated, Is.LessThan(count * 8));
    }

    [Test]
    public async Task A_read_of_no_bytes_blocks_until_there_is_data_and_takes_none([Values] ConnectionKind kind)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        Stream stream = server.AsStream();
        Task<int> reading = Task.Factory.StartNew(() => stream.Read([]), TaskCreationOptions.LongRunning);

        // Waits out a read that does not block.
        await Task.Delay(50);
        Assert.That(reading.IsCompleted, Is.False);
        await client.Output.WriteStringAsync("abc\n").Soon();
        Assert.That(await reading.Soon(), Is.Zero);
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
    }

    [Test]
    public async Task A_read_that_times_out_loses_nothing_and_leaves_the_stream_usable([Values] ConnectionKind kind)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        Stream stream = server.AsStream();
        stream.ReadTimeout = 50;
        byte[] buffer = new byte[10_000];
        for (int i = 0; i < 3; i++)
        {
            await CheckTimeoutAsync(() => _ = stream.Read(buffer)).Soon();
            await CheckTimeoutAsync(() => _ = stream.Read(buffer, 0, 10)).Soon();
            await CheckTimeoutAsync(() => stream.ReadByte()).Soon();
            await client.Output.WriteAsync(Pattern.Bytes(5000, i * 5000)).Soon();
            stream.ReadTimeout = Timeout.Infinite;
            await Task.Run(() => stream.ReadExactly(buffer.AsSpan(0, 5000))).Soon();
            Pattern.Check(buffer.AsSpan(0, 5000), i * 5000);
            stream.ReadTimeout = 50;
        }

        // The asynchronous half heeds tokens alone, as that of NetworkStream.
        Task<int> reading = stream.ReadAsync(buffer, 0, 10);

        // Waits out four times the time-out of the synchronous half.
        await Task.Delay(200);
        Assert.That(reading.IsCompleted, Is.False);
        await client.Output.WriteByteAsync(1).Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_write_that_times_out_has_written_nothing_and_leaves_the_stream_usable([Values] ConnectionKind kind)
    {
        const int block = 10_000;
        (Connection client, Connection server) = await ConnectAsync(kind);
        Stream stream = client.AsStream();
        stream.WriteTimeout = 100;
        long written = 0;
        await CheckTimeoutAsync(() =>
        {
            while (true)
            {
                stream.Write(Pattern.Bytes(block, written).AsSpan());
                written += block;
            }
        }).Soon();
        Assert.That(written, Is.Positive);
        await CheckTimeoutAsync(stream.Flush).Soon();

        Task<byte[]> reading = server.Input.ReadExactlyAsync((int)written + block).AsTask();
        stream.WriteTimeout = Timeout.Infinite;
        await Task.Run(() => stream.Write(Pattern.Bytes(block, written), 0, block)).Soon();
        Pattern.Check(await reading.Soon(), 0);
    }

    [Test]
    public async Task Streams_over_pipes_and_streams_time_out_as_well([Values] bool overStream)
    {
        var pipe = new Pipe();
        ByteReadChannel input = overStream ? pipe.Reader.AsStream().AsByteReadChannel() : pipe.Reader.AsByteReadChannel();
        ByteWriteChannel output = overStream ? pipe.Writer.AsStream().AsByteWriteChannel(autoFlush: true) : pipe.Writer.AsByteWriteChannel(autoFlush: true);
        Stream reading = input.AsStream();
        Stream writing = output.AsStream();
        reading.ReadTimeout = 50;
        writing.WriteTimeout = 50;
        await CheckTimeoutAsync(() => reading.ReadByte()).Soon();
        int written = 0;
        await CheckTimeoutAsync(() =>
        {
            while (true)
            {
                writing.Write(Pattern.Bytes(1000, written));
                written += 1000;
            }
        }).Soon();
        reading.ReadTimeout = Timeout.Infinite;
        byte[] got = new byte[written];
        await Task.Run(() => reading.ReadExactly(got)).Soon();
        Pattern.Check(got, 0);
        reading.ReadTimeout = 50;
        await CheckTimeoutAsync(() => reading.ReadByte()).Soon();
    }

    [Test]
    public async Task Time_outs_are_those_of_a_stream()
    {
        (Connection client, _) = await ConnectAsync(ConnectionKind.Memory);
        foreach (Stream stream in (Stream[])[client.AsStream(), client.Input.AsStream(), client.Output.AsStream()])
        {
            Assert.That(stream.CanTimeout, Is.True);
            Assert.That(stream.ReadTimeout, Is.EqualTo(Timeout.Infinite));
            Assert.That(stream.WriteTimeout, Is.EqualTo(Timeout.Infinite));
            foreach (int wrong in (int[])[0, -2, int.MinValue])
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => stream.ReadTimeout = wrong);
                Assert.Throws<ArgumentOutOfRangeException>(() => stream.WriteTimeout = wrong);
            }

            stream.ReadTimeout = int.MaxValue;
            stream.WriteTimeout = 1;
            Assert.That((stream.ReadTimeout, stream.WriteTimeout), Is.EqualTo((int.MaxValue, 1)));
            await stream.DisposeAsync();
            Assert.Throws<ObjectDisposedException>(() => stream.ReadTimeout = 1);
            Assert.Throws<ObjectDisposedException>(() => stream.WriteTimeout = 1);
        }
    }

    [Test]
    public async Task The_socket_timeout_ends_blocking_calls_too()
    {
        (Connection client, _) = await ConnectPairAsync(options => options.SocketTimeout = TimeSpan.FromMilliseconds(100));
        Stream stream = client.AsStream();
        Exception failure = (await Task.Run(() => stream.ReadByte()).OutcomeAsync())!;
        Assert.That(failure, Is.InstanceOf<IOException>().With.InnerException.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task A_close_ends_blocking_calls([Values] ConnectionKind kind)
    {
        (Connection client, _) = await ConnectAsync(kind, closeTimeout: TimeSpan.FromMilliseconds(100));
        Stream stream = client.AsStream();
        Task reading = Task.Factory.StartNew(() => stream.ReadByte(), TaskCreationOptions.LongRunning);
        Task writing = Task.Factory.StartNew(() => stream.Write(new byte[64 * Large]), TaskCreationOptions.LongRunning);
        await Waiting.UntilAsync(() => client.Output.UnsentBytes > 0);
        await client.CloseAsync().Soon();
        Assert.That(await reading.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await writing.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task An_interrupted_thread_finishes_its_read_first()
    {
        (Connection client, Connection server) = await ConnectAsync(ConnectionKind.Tcp);
        Stream stream = server.AsStream();
        var outcome = new TaskCompletionSource<(int Read, bool Interrupted)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            int read = stream.ReadByte();
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                outcome.SetResult((read, true));
            }
        });
        thread.Start();
        await Waiting.UntilAsync(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        thread.Interrupt();

        // Waits out a read that ends when its thread is interrupted.
        await Task.Delay(50);
        await client.Output.WriteByteAsync(7).Soon();
        Assert.That(await outcome.Task.Soon(), Is.EqualTo((7, true)));
        await client.Output.WriteByteAsync(8).Soon();
        Assert.That(await server.Input.ReadByteAsync().Soon(), Is.EqualTo(8));
    }

    [Test]
    public async Task TLS_of_the_frameworks_works_over_a_stream_that_blocks()
    {
        (Connection client, Connection server) = await ConnectAsync(ConnectionKind.Tcp);
        Task<byte[]> serving = Task.Run(() =>
        {
            using var tls = new SslStream(server.AsStream(ownsConnection: true));
            tls.AuthenticateAsServer(Serving());
            tls.ReadTimeout = 30_000;
            using var all = new MemoryStream();
            tls.CopyTo(all);
            return all.ToArray();
        });
        await Task.Run(() =>
        {
            using var tls = new SslStream(client.AsStream(ownsConnection: true));
            tls.AuthenticateAsClient(Trusting());
            tls.Write(Pattern.Bytes(3_000_000));
            tls.ShutdownAsync().Wait();
        }).Soon();
        byte[] got = await serving.Soon();
        Assert.That(got, Has.Length.EqualTo(3_000_000));
        Pattern.Check(got, 0);
    }

    private static async Task CheckTimeoutAsync(Action call)
    {
        Exception? failure = await Task.Factory.StartNew(call, TaskCreationOptions.LongRunning).OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<IOException>().With.InnerException.InstanceOf<SocketException>());
        Assert.That(((SocketException)failure!.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.TimedOut));
    }
}
