using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>What <see cref="Stream"/> promises holds for a channel's faces.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class StreamViewTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_stream_can_do_what_its_channels_can()
    {
        (Connection client, _) = await ConnectPairAsync();
        foreach ((Stream stream, bool reads, bool writes) in
            ((Stream, bool, bool)[])[(client.AsStream(), true, true), (client.Input.AsStream(), true, false), (client.Output.AsStream(), false, true)])
        {
            Assert.That(stream.CanRead, Is.EqualTo(reads));
            Assert.That(stream.CanWrite, Is.EqualTo(writes));
            Assert.That(stream.CanSeek, Is.False);
            Assert.That(stream.CanTimeout, Is.True);
            Assert.Throws<NotSupportedException>(() => _ = stream.Length);
            Assert.Throws<NotSupportedException>(() => _ = stream.Position);
            Assert.Throws<NotSupportedException>(() => stream.Position = 0);
            Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
            Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
            if (!reads)
            {
                Assert.Throws<NotSupportedException>(() => _ = stream.ReadAsync(new byte[1]).AsTask());
                Assert.Throws<NotSupportedException>(() => stream.ReadByte());
            }

            if (!writes)
            {
                Assert.Throws<NotSupportedException>(() => _ = stream.WriteAsync(new byte[1]).AsTask());
                Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
            }

            await stream.FlushAsync().Soon();
        }
    }

    [Test]
    public async Task Arguments_out_of_range_are_refused()
    {
        (Connection client, _) = await ConnectPairAsync();
        Stream stream = client.AsStream();
        byte[] ten = new byte[10];
        Assert.Throws<ArgumentNullException>(() => _ = stream.Read(null!, 0, 1));
        Assert.Throws<ArgumentNullException>(() => stream.Write(null!, 0, 1));
        Assert.Throws<ArgumentNullException>(() => _ = stream.ReadAsync(null!, 0, 1));
        Assert.Throws<ArgumentNullException>(() => _ = stream.WriteAsync(null!, 0, 1));
        Assert.Throws<ArgumentNullException>(() => stream.BeginRead(null!, 0, 1, null, null));
        Assert.Throws<ArgumentNullException>(() => stream.BeginWrite(null!, 0, 1, null, null));
        foreach ((int offset, int count) in ((int, int)[])[(-1, 1), (0, -1), (0, 11), (10, 1), (5, 6), (int.MaxValue, int.MaxValue)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = stream.Read(ten, offset, count));
            Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write(ten, offset, count));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = stream.ReadAsync(ten, offset, count));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = stream.WriteAsync(ten, offset, count));
        }
    }

    [Test]
    public async Task Synchronous_reads_and_writes_wait()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task<byte[]> reading = Task.Run(() =>
        {
            using Stream stream = server.AsStream();
            using var all = new MemoryStream();
            byte[] buffer = new byte[1000];
            all.WriteByte((byte)stream.ReadByte());
            for (int i = 0; ; i++)
            {
                int count = i % 2 == 0 ? stream.Read(buffer, 100, 900) : stream.Read(buffer.AsSpan(100));
                if (count == 0)
                {
                    Assert.That(stream.ReadByte(), Is.EqualTo(-1));
                    return all.ToArray();
                }

                all.Write(buffer, 100, count);
            }
        });
        Task writing = Task.Run(() =>
        {
            using Stream stream = client.AsStream();
            byte[] bytes = Pattern.Bytes(1_000_000);
            stream.WriteByte(bytes[0]);
            stream.Write(bytes, 1, 9);
            stream.Write(bytes.AsSpan(10));
            stream.Flush();
            client.Output.AsPipeWriter().Complete();
        });

        byte[] got = await reading.Soon();
        await writing.Soon();
        Assert.That(got, Has.Length.EqualTo(1_000_000));
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task A_handler_may_read_and_write_synchronously([Values] bool owns)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync((connection, _) =>
        {
            using Stream stream = connection.AsStream(owns);
            byte[] buffer = new byte[100];
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                stream.Write(buffer, 0, count);
            }

            return Task.CompletedTask;
        });

        // More at once than there are loops, so that each has waiting handlers to hand on from.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            await using StreamSocket socket = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port);
            Connection client = socket.OpenConnection();
            for (int j = 0; j < 10; j++)
            {
                await client.Output.WriteLineAsync($"line {i} {j}");
                Assert.That(await client.Input.ReadLineAsync(), Is.EqualTo($"line {i} {j}"));
            }
        })).Soon();

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task Begin_and_end_work_with_and_without_a_callback()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Stream reading = server.AsStream();
        Stream writing = client.AsStream();
        byte[] buffer = new byte[10];
        object state = new();
        var called = new TaskCompletionSource<IAsyncResult>(TaskCreationOptions.RunContinuationsAsynchronously);

        IAsyncResult read = reading.BeginRead(buffer, 2, 3, called.SetResult, state);
        Assert.That(read.IsCompleted, Is.False);
        IAsyncResult write = writing.BeginWrite("abc"u8.ToArray(), 0, 3, null, state);
        await Task.Run(() => writing.EndWrite(write)).Soon();
        Assert.That(await called.Task.Soon(), Is.SameAs(read));
        Assert.That(read.AsyncState, Is.SameAs(state));
        Assert.That(write.AsyncState, Is.SameAs(state));
        int count = await Task.Run(() => reading.EndRead(read)).Soon();
        Assert.That(count, Is.InRange(1, 3));
        Assert.That(buffer.AsSpan(0, 2 + count).ToArray(), Is.EqualTo("\0\0abc"u8[..(2 + count)].ToArray()));
    }

    [Test]
    public async Task A_read_of_no_bytes_waits_for_data()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Stream stream = server.AsStream();
        Task<int> reading = stream.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        await client.Output.WriteStringAsync("abc").Soon();
        Assert.That(await reading.Soon(), Is.Zero);
        byte[] three = new byte[3];
        await stream.ReadExactlyAsync(three).Soon();
        Assert.That(three, Is.EqualTo("abc"u8.ToArray()));
    }

    [Test]
    public async Task A_stream_reads_and_writes_at_the_same_time()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Stream stream = server.AsStream();
        byte[] buffer = new byte[10];
        Task<int> reading = stream.ReadAsync(buffer, 0, 10);
        await stream.WriteAsync("abc\n"u8.ToArray(), 0, 4).Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
        Assert.That(reading.IsCompleted, Is.False);
        await client.Output.WriteStringAsync("d").Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_cancelled_read_of_a_stream_loses_nothing()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Stream stream = server.AsStream();
        using var cancellation = new CancellationTokenSource();
        byte[] buffer = new byte[10];
        Task<int> reading = stream.ReadAsync(buffer, 0, 10, cancellation.Token);
        await cancellation.CancelAsync();
        Assert.That(Assert.CatchAsync<OperationCanceledException>(() => reading.Soon())!.CancellationToken, Is.EqualTo(cancellation.Token));

        await client.Output.WriteStringAsync("abc").Soon();
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 3)).Soon();
        Assert.That(buffer.AsSpan(0, 3).ToArray(), Is.EqualTo("abc"u8.ToArray()));
    }

    [Test]
    public async Task Disposing_flushes_and_leaves_the_channel_open([Values] bool async)
    {
        (StreamSocket socket, StreamSocket accepted) = await ConnectSocketsAsync();
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: false);
        ByteReadChannel input = accepted.OpenReadChannel();
        Stream stream = output.AsStream();
        await stream.WriteAsync("one\n"u8.ToArray()).Soon();
        await DisposeAsync(stream, async).Soon();
        await DisposeAsync(stream, async).Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("one"));

        Assert.That(stream.CanWrite, Is.False);
        Assert.Throws<ObjectDisposedException>(() => _ = stream.WriteAsync(new byte[1]).AsTask());
        Assert.Throws<ObjectDisposedException>(() => stream.Write([1]));
        Assert.Throws<ObjectDisposedException>(() => stream.Flush());

        await output.WriteStringAsync("two\n").Soon();
        await output.AsStream().FlushAsync().Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("two"));
    }

    [Test]
    public async Task Disposing_of_a_reading_stream_leaves_the_channel_open([Values] bool async)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Stream stream = server.Input.AsStream();
        await DisposeAsync(stream, async).Soon();
        Assert.That(stream.CanRead, Is.False);
        Assert.Throws<ObjectDisposedException>(() => _ = stream.ReadAsync(new byte[1]).AsTask());
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());

        await client.Output.WriteStringAsync("abc\n").Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Disposing_of_a_stream_whose_connection_is_gone_is_no_error([Values] bool async, [Values] bool aborted)
    {
        (Connection client, _) = await ConnectPairAsync();
        Stream stream = client.AsStream();
        await stream.WriteAsync(new byte[10]).Soon();
        if (aborted)
        {
            client.Socket.Abort();
        }
        else
        {
            await client.Socket.CloseAsync().Soon();
        }

        await DisposeAsync(stream, async).Soon();
    }

    [Test]
    public async Task Copying_a_stream_into_a_stream_gives_every_byte()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task writing = Task.Run(async () =>
        {
            using var source = new MemoryStream(Pattern.Bytes(3_000_000));
            await source.CopyToAsync(client.AsStream());
            await client.Output.CompleteAsync();
        });
        using var got = new MemoryStream();
        await Task.Run(() => server.AsStream().CopyTo(got)).Soon();
        await writing.Soon();
        Assert.That(got.Length, Is.EqualTo(3_000_000));
        Pattern.Check(got.ToArray(), 0);
    }

    [Test]
    public async Task Text_readers_and_writers_work_over_streams()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        string[] lines = [.. Enumerable.Range(0, 2000).Select(i => $"{i} naïve ☃ 𝄞 " + new string('x', i % 500))];
        Task writing = Task.Run(async () =>
        {
            await using var writer = new StreamWriter(client.AsStream(), new UTF8Encoding(false));
            foreach (string line in lines)
            {
                await writer.WriteLineAsync(line);
            }

            await writer.FlushAsync();
            await client.Output.CompleteAsync();
        });

        var got = new List<string>();
        await Task.Run(async () =>
        {
            using var reader = new StreamReader(server.AsStream());
            while (await reader.ReadLineAsync() is { } line)
            {
                got.Add(line);
            }
        }).Soon();
        await writing.Soon();
        Assert.That(got, Is.EqualTo(lines));
    }

    private static async Task DisposeAsync(Stream stream, bool async)
    {
        if (async)
        {
            await stream.DisposeAsync();
        }
        else
        {
            await Task.Run(stream.Dispose);
        }
    }
}
