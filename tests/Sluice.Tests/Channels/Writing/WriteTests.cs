using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Channels.Writing;

[Parallelizable(ParallelScope.All)]
public sealed partial class WriteTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Mark = ByteWriteChannel.HighWaterMark;

    /// <summary>Every way to write, by name.</summary>
    private static readonly Dictionary<string, Func<ByteWriteChannel, CancellationToken, Task>> s_writes = new()
    {
        ["WriteAsync"] = (output, token) => output.WriteAsync("abc"u8.ToArray(), token).AsTask(),
        ["WriteStringAsync"] = (output, token) => output.WriteStringAsync("abc", token).AsTask(),
        ["WriteStringAsync, encoding"] = (output, token) => output.WriteStringAsync("abc", Encoding.Unicode, token).AsTask(),
        ["WriteLineAsync"] = (output, token) => output.WriteLineAsync("abc", token).AsTask(),
        ["WriteLineAsync, encoding"] = (output, token) => output.WriteLineAsync("abc", Encoding.Latin1, token).AsTask(),
        ["WriteAsync, large"] = (output, token) => output.WriteAsync(new byte[1_000_000], token).AsTask(),
        ["WriteStringAsync, large"] = (output, token) => output.WriteStringAsync(new string('a', 1_000_000), token).AsTask(),
        ["Stream"] = (output, token) => output.AsStream().WriteAsync("abc"u8.ToArray(), token).AsTask(),
    };

    private static readonly Dictionary<string, Func<ByteWriteChannel, CancellationToken, Task>> s_flushes = new()
    {
        ["FlushAsync"] = (output, token) => output.FlushAsync(token).AsTask(),
        ["CompleteAsync"] = (output, token) => output.CompleteAsync(token).AsTask(),
        ["Stream"] = (output, token) => output.AsStream().FlushAsync(token),
        ["PipeWriter"] = (output, token) => output.AsPipeWriter().FlushAsync(token).AsTask(),
    };

    private static readonly string[] s_texts =
    [
        "",
        "plain",
        "naïve ☃ 𝄞",
        new('x', 256),
        new('☃', 257),
        new('y', Mark),
        string.Concat(Enumerable.Repeat("𝄞", 100_000)),
        "a" + string.Concat(Enumerable.Repeat("𝄞", 50_000)),
    ];

    private static IEnumerable<string> Writes => s_writes.Keys;

    private static IEnumerable<string> Flushes => s_flushes.Keys;

    [Test]
    public async Task Text_of_any_length_arrives_in_its_encoding([Values("utf-8", "utf-16", "utf-32", "utf-16BE")] string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        foreach (string text in s_texts)
        {
            byte[] got = await SentAsync(async output =>
            {
                await output.WriteStringAsync(text, encoding);
                await output.WriteLineAsync(text, encoding);
            });
            Assert.That(encoding.GetString(got), Is.EqualTo(text + text + "\r\n"));
            Assert.That(got, Has.Length.EqualTo(encoding.GetByteCount(text + text + "\r\n")), "no preamble");
        }
    }

    [Test]
    public async Task Text_is_utf_8_unless_it_is_said_otherwise()
    {
        byte[] got = await SentAsync(async output =>
        {
            await output.WriteStringAsync("naïve ☃ 𝄞");
            await output.WriteLineAsync("é");
        });
        Assert.That(got, Is.EqualTo("naïve ☃ 𝄞é\r\n"u8.ToArray()));
    }

    [TestCase("\n")]
    [TestCase("")]
    [TestCase("<end of a line>")]
    public async Task A_line_ends_as_the_channel_says(string newLine)
    {
        byte[] got = await SentAsync(async output =>
        {
            Assert.That(output.NewLine, Is.EqualTo("\r\n"));
            output.NewLine = newLine;
            await output.WriteLineAsync("one");
            await output.WriteLineAsync("");
            await output.WriteLineAsync(new string('a', Mark));
        });
        Assert.That(Encoding.UTF8.GetString(got), Is.EqualTo("one" + newLine + newLine + new string('a', Mark) + newLine));
    }

    [Test]
    public async Task Arguments_that_are_null_are_refused_before_anything()
    {
        (Connection client, _) = await ConnectPairAsync();
        Assert.Throws<ArgumentNullException>(() => _ = client.Output.WriteStringAsync(null!).AsTask());
        Assert.Throws<ArgumentNullException>(() => _ = client.Output.WriteLineAsync(null!).AsTask());
        Assert.Throws<ArgumentNullException>(() => _ = client.Output.WriteStringAsync("", null!).AsTask());
        Assert.Throws<ArgumentNullException>(() => _ = client.Output.WriteLineAsync("", (Encoding)null!).AsTask());
        Assert.Throws<ArgumentNullException>(() => client.Output.NewLine = null!);
        Assert.That(client.Output.UnsentBytes, Is.Zero);
    }

    [TestCase(10)]
    [TestCase(1000)]
    [TestCase(Mark)]
    public async Task Text_that_its_encoding_refuses_is_not_written_at_all(int length)
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        byte[] got = await SentAsync(async output =>
        {
            await output.WriteStringAsync("before ");
            Assert.ThrowsAsync<EncoderFallbackException>(() => output.WriteStringAsync(new string('a', length) + '\uD800', strict).AsTask());
            await output.WriteStringAsync("after", strict);
        });
        Assert.That(got, Is.EqualTo("before after"u8.ToArray()));
    }

    [Test]
    public async Task A_buffer_can_be_used_again_once_its_write_has_completed([Values] bool autoFlush)
    {
        byte[] buffer = new byte[1000];
        byte[] got = await SentAsync(
            async output =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    Pattern.Bytes(buffer.Length, i * buffer.Length).CopyTo(buffer, 0);
                    await output.WriteAsync(buffer);
                    Array.Clear(buffer);
                }
            },
            autoFlush);
        Assert.That(got, Has.Length.EqualTo(1_000_000));
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task Without_auto_flush_bytes_wait_for_a_flush_up_to_the_mark()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: false);
        byte[] sent = Pattern.Bytes(Mark + 1);

        await output.WriteAsync(sent.AsMemory(0, 3)).Soon();
        await output.WriteAsync(sent.AsMemory(3, Mark - 3)).Soon();
        Assert.That(output.UnsentBytes, Is.EqualTo(Mark));
        Assert.That(peer.Available, Is.Zero);

        // No room for this one before something leaves.
        await output.WriteAsync(sent.AsMemory(Mark)).Soon();
        Assert.That(output.UnsentBytes, Is.EqualTo(1));
        byte[] got = new byte[sent.Length];
        await ReceiveAllAsync(peer, got.AsMemory(0, Mark)).Soon();

        await output.FlushAsync().Soon();
        Assert.That(output.UnsentBytes, Is.Zero);
        await ReceiveAllAsync(peer, got.AsMemory(Mark)).Soon();
        Pattern.Check(got, 0);
        await output.FlushAsync().Soon();
    }

    [TestCaseSource(nameof(Flushes))]
    public async Task A_flush_completes_when_the_kernel_has_taken_every_byte(string kind)
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel();
        await output.WriteAsync(Pattern.Bytes(Mark)).Soon();

        Task flushing = s_flushes[kind](output, CancellationToken.None);
        Assert.That(flushing.IsCompleted, Is.False, "the kernel's buffers are smaller than that");
        byte[] got = new byte[Mark];
        await ReceiveAllAsync(peer, got.AsMemory(0, Mark)).Soon();
        await flushing.Soon();

        Assert.That(output.UnsentBytes, Is.Zero);
        Pattern.Check(got, 0);
    }

    [TestCaseSource(nameof(Flushes))]
    public async Task A_cancelled_flush_leaves_the_bytes_on_their_way(string kind)
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel();
        await output.WriteAsync(Pattern.Bytes(Mark)).Soon();

        using var cancellation = new CancellationTokenSource();
        Task flushing = s_flushes[kind](output, cancellation.Token);
        Assert.That(flushing.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => flushing.Soon())!;
        Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));

        byte[] got = new byte[Mark];
        await ReceiveAllAsync(peer, got).Soon();
        Pattern.Check(got, 0);
        if (kind == "CompleteAsync")
        {
            Assert.That(await peer.ReceiveAsync(new byte[1]).Soon(), Is.Zero);
            Assert.ThrowsAsync<ObjectDisposedException>(() => output.WriteAsync(new byte[1]).Soon());
        }
        else
        {
            await output.WriteAsync(new byte[1]).Soon();
        }
    }

    [Test]
    public async Task A_cancelled_write_has_written_nothing([Values] bool autoFlush)
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush);
        Flood flood = await Flood.UntilStalledAsync(output, blockSize: 9_999);
        await flood.CancelAsync();
        OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => flood.Writing.Soon())!;
        Assert.That(failure.CancellationToken, Is.EqualTo(flood.Token));

        Task completing = output.CompleteAsync().AsTask();
        byte[] got = await ReceiveToEndAsync(peer).Soon();
        await completing.Soon();
        Assert.That(got, Has.Length.EqualTo(flood.Accepted));
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task A_suspended_writer_goes_on_when_the_peer_reads([Values] bool autoFlush)
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush);
        Flood flood = await Flood.UntilStalledAsync(output);
        long before = flood.Accepted;

        byte[] got = new byte[before + 100_000];
        await ReceiveAllAsync(peer, got).Soon();
        Pattern.Check(got, 0);
        Assert.That(flood.Accepted, Is.GreaterThan(before));

        await flood.CancelAsync();
        await flood.Writing.OutcomeAsync();
    }

    [Test]
    public async Task A_second_writer_is_refused_at_once_and_the_first_is_undisturbed()
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: true);
        Flood flood = await Flood.UntilStalledAsync(output);

        foreach (string write in Writes)
        {
            Assert.Throws<InvalidOperationException>(() => _ = s_writes[write](output, CancellationToken.None));
        }

        Assert.Throws<InvalidOperationException>(() => _ = output.FlushAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = output.CompleteAsync().AsTask());
        Assert.ThrowsAsync<InvalidOperationException>(() => output.AsPipeWriter().FlushAsync().Soon());

        byte[] got = new byte[flood.Accepted + 50_000];
        await ReceiveAllAsync(peer, got).Soon();
        Pattern.Check(got, 0);
        await flood.CancelAsync();
        await flood.Writing.OutcomeAsync();
    }

    [Test]
    public async Task Many_small_writes_of_a_thread_arrive_in_order()
    {
        byte[] got = await SentAsync(async output =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                await Task.Run(() => output.WriteAsync(Pattern.Bytes(7, i * 7)).AsTask());
            }
        });
        Assert.That(got, Has.Length.EqualTo(140_000));
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task Many_small_writes_of_a_handler_arrive_in_order()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = server.ServeAsync(async (connection, cancellationToken) =>
        {
            byte[] seven = new byte[7];
            for (int i = 0; i < 20_000; i++)
            {
                Pattern.Bytes(7, i * 7).CopyTo(seven, 0);
                await connection.Output.WriteAsync(seven, cancellationToken);
                if (i % 1000 == 0)
                {
                    await connection.Input.ReadExactlyAsync(seven.AsMemory(0, 1), cancellationToken);
                }
            }
        });

        await using StreamSocket socket = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
        Connection client = socket.OpenConnection();
        await client.Output.WriteAsync(new byte[20]).Soon();
        byte[] got = new byte[140_000];
        await client.Input.ReadExactlyAsync(got).Soon();
        Assert.That(await client.Input.ReadAsync(new byte[1]).Soon(), Is.Zero);
        Pattern.Check(got, 0);

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_pool_of_small_blocks_is_no_limit_for_what_is_written_at_once()
    {
        using var pool = new SmallPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        await using StreamSocket client = await selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        ByteWriteChannel output = client.OpenWriteChannel(autoFlush: true);
        ByteReadChannel input = accepted.OpenReadChannel();

        string text = new('a', 10_000);
        await output.WriteLineAsync(text).Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo(text));

        Memory<byte> memory = output.AsPipeWriter().GetMemory(10_000);
        Assert.That(memory.Length, Is.GreaterThanOrEqualTo(10_000));
        Pattern.Bytes(10_000).CopyTo(memory);
        output.AsPipeWriter().Advance(10_000);
        await output.FlushAsync().Soon();
        byte[] got = new byte[10_000];
        await input.ReadExactlyAsync(got).Soon();
        Pattern.Check(got, 0);
        Assert.That(pool.Rented, Is.Positive);
    }

    /// <summary>A peer with small kernel buffers, which reads only when it is made to.</summary>
    private Task<(StreamSocket Socket, Socket Peer)> ConnectToSlowPeerAsync(Action<StreamSocketOptions>? configure = null) => ConnectToPlainPeerAsync(
        options =>
        {
            options.SendBufferSize = 4096;
            configure?.Invoke(options);
        },
        peer => peer.ReceiveBufferSize = 4096);

    /// <summary>What arrives of what <paramref name="write"/> writes.</summary>
    private async Task<byte[]> SentAsync(Func<ByteWriteChannel, Task> write, bool autoFlush = true)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush);
        Task writing = Task.Run(async () =>
        {
            await write(output);
            await output.CompleteAsync();
        });
        byte[] got = await ReceiveToEndAsync(peer).Soon();
        await writing.Soon();
        return got;
    }

    private static async Task ReceiveAllAsync(Socket peer, Memory<byte> into)
    {
        while (!into.IsEmpty)
        {
            int count = await peer.ReceiveAsync(into);
            Assert.That(count, Is.Positive);
            into = into[count..];
        }
    }

    private static async Task<byte[]> ReceiveToEndAsync(Socket peer)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        for (int count; (count = await peer.ReceiveAsync(buffer)) > 0;)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private sealed class SmallPool : MemoryPool<byte>
    {
        private int _rented;

        public override int MaxBufferSize => 4096;

        public int Rented => Volatile.Read(ref _rented);

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
            Interlocked.Increment(ref _rented);
            return new Block();
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Block : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[4096];

            public void Dispose()
            {
            }
        }
    }
}
