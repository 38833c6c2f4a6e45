using System.IO.Pipelines;
using System.Net.Sockets;

namespace Sluice.Tests.Channels.Reading;

[Parallelizable(ParallelScope.All)]
public sealed class ReadTests(SelectorEngine engine) : BothEngines(engine)
{
    /// <summary>Every way to read one thing, by name.</summary>
    private static readonly Dictionary<string, Func<ByteReadChannel, CancellationToken, Task>> s_reads = new()
    {
        ["ReadAsync"] = (input, token) => input.ReadAsync(new byte[10], token).AsTask(),
        ["ReadAsync, large"] = (input, token) => input.ReadAsync(new byte[10_000], token).AsTask(),
        ["ReadAsync, empty"] = (input, token) => input.ReadAsync(Memory<byte>.Empty, token).AsTask(),
        ["ReadExactlyAsync"] = (input, token) => input.ReadExactlyAsync(new byte[10], token).AsTask(),
        ["ReadLineAsync"] = (input, token) => input.ReadLineAsync(token).AsTask(),
        ["PipeReader"] = async (input, token) =>
        {
            PipeReader reader = input.AsPipeReader();
            ReadResult result = await reader.ReadAsync(token);
            reader.AdvanceTo(result.Buffer.Start);
        },
        ["Stream"] = (input, token) => input.AsStream().ReadAsync(new byte[10], token).AsTask(),
    };

    private static IEnumerable<string> Reads => s_reads.Keys;

    [Test]
    public async Task Reading_to_the_end_gives_everything_and_then_zero_as_often_as_one_asks()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] sent = Pattern.Bytes(100_000);
        Task writing = Task.Run(async () =>
        {
            await client.Output.WriteAsync(sent);
            await client.Output.CompleteAsync();
        });

        byte[] buffer = new byte[777];
        long total = 0;
        for (int count; (count = await server.Input.ReadAsync(buffer).Soon()) > 0; total += count)
        {
            Pattern.Check(buffer.AsSpan(0, count), total);
        }

        await writing.Soon();
        Assert.That(total, Is.EqualTo(sent.Length));
        Assert.That(await server.Input.ReadAsync(buffer).Soon(), Is.Zero);
        Assert.That(await server.Input.ReadAsync(Memory<byte>.Empty).Soon(), Is.Zero);
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
    }

    [Test]
    public async Task A_read_into_nothing_waits_for_data_and_consumes_none()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task<int> waiting = server.Input.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.That(waiting.IsCompleted, Is.False);

        await client.Output.WriteStringAsync("abc").Soon();
        Assert.That(await waiting.Soon(), Is.Zero);
        Assert.That(await server.Input.ReadAsync(Memory<byte>.Empty).Soon(), Is.Zero, "and does not wait while there is some");

        byte[] three = new byte[3];
        await server.Input.ReadExactlyAsync(three).Soon();
        Assert.That(three, Is.EqualTo("abc"u8.ToArray()));
    }

    [Test]
    public async Task A_read_returns_what_is_there_without_waiting_for_more()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("abc").Soon();

        byte[] buffer = new byte[10];
        int count = await server.Input.ReadAsync(buffer).Soon();
        Assert.That(count, Is.InRange(1, 3));
        await server.Input.ReadExactlyAsync(buffer.AsMemory(count, 3 - count)).Soon();
        Assert.That(buffer.AsSpan(0, 3).ToArray(), Is.EqualTo("abc"u8.ToArray()));
    }

    [TestCase(1)]
    [TestCase(4096)]
    [TestCase(5_000)]
    [TestCase(1024 * 1024 + 13)]
    public async Task An_exact_read_gives_just_the_bytes_that_were_asked_for(int size)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] sent = Pattern.Bytes(size * 2 + 3);
        Task writing = Task.Run(() => client.Output.WriteAsync(sent).AsTask());

        byte[] first = new byte[size];
        await server.Input.ReadExactlyAsync(first).Soon();
        byte[] three = new byte[3];
        await server.Input.ReadExactlyAsync(three).Soon();
        byte[] second = new byte[size];
        await server.Input.ReadExactlyAsync(second).Soon();
        await writing.Soon();

        Pattern.Check(first, 0);
        Pattern.Check(three, size);
        Pattern.Check(second, size + 3);
    }

    [Test]
    public async Task An_exact_read_of_megabytes_is_served_from_many_segments()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        const int size = 1024 * 1024;
        Task writing = Task.Run(() => client.Output.WriteAsync(Pattern.Bytes(size)).AsTask());

        // All of it in the buffer first, which only a pipe reader asks for.
        PipeReader reader = server.Input.AsPipeReader();
        ReadResult result = await reader.ReadAtLeastAsync(size).Soon();
        Assert.That(result.Buffer.IsSingleSegment, Is.False);
        reader.AdvanceTo(result.Buffer.Start);
        await writing.Soon();

        byte[] all = new byte[size];
        Task reading = server.Input.ReadExactlyAsync(all).AsTask();
        Assert.That(reading.IsCompletedSuccessfully, Is.True);
        Pattern.Check(all, 0);
    }

    [Test]
    public async Task An_exact_read_of_nothing_waits_for_nothing()
    {
        (_, Connection server) = await ConnectPairAsync();
        Assert.That(server.Input.ReadExactlyAsync(Memory<byte>.Empty).AsTask().IsCompletedSuccessfully, Is.True);
    }

    [TestCase(0, 5)]
    [TestCase(3, 5)]
    [TestCase(3_000, 5_000)]
    [TestCase(100_000, 1024 * 1024)]
    public async Task An_exact_read_past_the_end_says_how_much_there_was_and_leaves_it_to_be_read(int there, int wanted)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task writing = Task.Run(async () =>
        {
            await client.Output.WriteAsync(Pattern.Bytes(there));
            await client.Output.CompleteAsync();
        });

        for (int attempt = 0; attempt < 2; attempt++)
        {
            EndOfStreamException failure = Assert.ThrowsAsync<EndOfStreamException>(() => server.Input.ReadExactlyAsync(new byte[wanted]).Soon())!;
            Assert.That(failure.Message, Does.Contain($" {there} ").And.Contain($" {wanted} "));
        }

        await writing.Soon();
        byte[] rest = new byte[there];
        await server.Input.ReadExactlyAsync(rest).Soon();
        Pattern.Check(rest, 0);
        Assert.That(await server.Input.ReadAsync(new byte[1]).Soon(), Is.Zero);
    }

    [TestCase(3, 5)]
    [TestCase(3_000, 5_000)]
    [TestCase(70_000, 200_000)]
    public async Task An_exact_read_that_is_cancelled_half_way_loses_nothing(int half, int whole)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteAsync(Pattern.Bytes(half)).Soon();
        await BufferAsync(server.Input, half);

        // It takes the half that is there before it waits.
        using var cancellation = new CancellationTokenSource();
        Task reading = server.Input.ReadExactlyAsync(new byte[whole], cancellation.Token).AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => reading.Soon())!;
        Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));

        Task writing = Task.Run(() => client.Output.WriteAsync(Pattern.Bytes(whole - half, half)).AsTask());
        byte[] all = new byte[whole];
        await server.Input.ReadExactlyAsync(all).Soon();
        await writing.Soon();
        Pattern.Check(all, 0);
    }

    [Test]
    public async Task An_exact_read_that_is_cancelled_at_any_time_loses_nothing()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        const int whole = 400_000;
        Task writing = Task.Run(() => client.Output.WriteAsync(Pattern.Bytes(whole)).AsTask());

        int cancelled = 0;
        for (int i = 0; i < 20; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task reading = server.Input.ReadExactlyAsync(new byte[whole + 1], cancellation.Token).AsTask();
            Thread.SpinWait(i * 200);
            await cancellation.CancelAsync();
            if (await reading.OutcomeAsync() is OperationCanceledException)
            {
                cancelled++;
            }
        }

        byte[] all = new byte[whole];
        await server.Input.ReadExactlyAsync(all).Soon();
        await writing.Soon();
        Assert.That(cancelled, Is.EqualTo(20));
        Pattern.Check(all, 0);
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_second_reader_is_refused_at_once_and_the_first_is_undisturbed(string first)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task reading = s_reads[first](server.Input, CancellationToken.None);
        Assert.That(reading.IsCompleted, Is.False);

        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadAsync(new byte[1]).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadAsync(new byte[5000]).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadAsync(Memory<byte>.Empty).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadExactlyAsync(new byte[1]).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadLineAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.AsPipeReader().ReadAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.AsPipeReader().TryRead(out _));

        await client.Output.WriteStringAsync("0123456789\n").Soon();
        await reading.Soon();
    }

    [TestCaseSource(nameof(Reads))]
    public async Task After_a_cancelled_read_the_next_goes_on(string kind)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        for (int i = 0; i < 3; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task reading = s_reads[kind](server.Input, cancellation.Token);
            Assert.That(reading.IsCompleted, Is.False);
            await cancellation.CancelAsync();
            OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => reading.Soon())!;
            Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));
        }

        Task next = s_reads[kind](server.Input, CancellationToken.None);
        await client.Output.WriteStringAsync("0123456789\n").Soon();
        await next.Soon();
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_token_that_is_cancelled_already_stops_a_read_before_anything(string kind)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("0123456789\n").Soon();
        await BufferAsync(server.Input, 11);

        var cancelled = new CancellationToken(canceled: true);
        Task reading = s_reads[kind](server.Input, cancelled);
        Assert.That(reading.IsCanceled, Is.True);
        OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => reading)!;
        Assert.That(failure.CancellationToken, Is.EqualTo(cancelled));

        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("0123456789"));
    }

    [TestCaseSource(nameof(Reads))]
    public async Task Nothing_can_be_read_after_a_close(string kind)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("0123456789\n").Soon();
        await BufferAsync(server.Input, 11);
        await server.Socket.CloseAsync().Soon();

        Assert.ThrowsAsync<ObjectDisposedException>(() => s_reads[kind](server.Input, CancellationToken.None).Soon());
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_pending_read_ends_when_the_socket_is_closed(string kind)
    {
        (_, Connection server) = await ConnectPairAsync();
        Task reading = s_reads[kind](server.Input, CancellationToken.None);
        await server.Socket.CloseAsync().Soon();

        Assert.ThrowsAsync<ObjectDisposedException>(() => reading.Soon());
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_pending_read_ends_when_the_socket_is_aborted(string kind)
    {
        (_, Connection server) = await ConnectPairAsync();
        Task reading = s_reads[kind](server.Input, CancellationToken.None);
        server.Socket.Abort();

        Assert.ThrowsAsync<ObjectDisposedException>(() => reading.Soon());
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_pending_read_ends_when_the_manager_is_disposed_of(string kind)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using Socket stillOpen = peer;
        Task reading = s_reads[kind](socket.OpenReadChannel(), CancellationToken.None);
        await Selector.DisposeAsync().Soon();

        Assert.ThrowsAsync<ObjectDisposedException>(() => reading.Soon());
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_reset_by_the_peer_ends_a_pending_read_and_every_later_one(string kind)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        ByteReadChannel input = socket.OpenReadChannel();
        Task reading = s_reads[kind](input, CancellationToken.None);
        Reset(peer);

        AssertReset(Assert.ThrowsAsync<IOException>(() => reading.Soon())!);
        foreach (string later in Reads)
        {
            AssertReset(Assert.ThrowsAsync<IOException>(() => s_reads[later](input, CancellationToken.None).Soon())!);
        }
    }

    [Test]
    public async Task A_reset_by_the_peer_is_told_to_who_reads_later()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        ByteReadChannel input = socket.OpenReadChannel();
        Reset(peer);

        for (int i = 0; i < 3; i++)
        {
            AssertReset(Assert.ThrowsAsync<IOException>(() => input.ReadAsync(new byte[10]).Soon())!);
        }
    }

    [Test]
    public async Task What_is_in_the_buffer_can_be_read_after_a_reset()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        ByteReadChannel input = socket.OpenReadChannel();
        await peer.SendAsync("one\ntwo\nthr"u8.ToArray()).Soon();
        await BufferAsync(input, 11);
        Reset(peer);

        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("one"));
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("two"));
        AssertReset(Assert.ThrowsAsync<IOException>(() => input.ReadLineAsync().Soon())!);
        AssertReset(Assert.ThrowsAsync<IOException>(() => input.ReadExactlyAsync(new byte[4]).Soon())!);

        byte[] rest = new byte[3];
        await input.ReadExactlyAsync(rest).Soon();
        Assert.That(rest, Is.EqualTo("thr"u8.ToArray()));
    }

    [Test]
    public async Task Reads_that_race_with_cancellation_neither_lose_nor_double_a_byte()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        const int enough = 5_000;
        int cancelled = 0;
        bool over = false;
        CancellationTokenSource? current = null;

        Task<long> sending = Task.Run(async () =>
        {
            var random = new Random(1);
            long sent = 0;
            long started = Environment.TickCount64;
            while (Volatile.Read(ref cancelled) < enough && Environment.TickCount64 - started < 2000)
            {
                int count = random.Next(1, 300);
                await client.Output.WriteAsync(Pattern.Bytes(count, sent));
                sent += count;
                Thread.SpinWait(random.Next(2000));
                await Task.Yield();
            }

            await client.Output.CompleteAsync();
            return sent;
        });

        var canceller = new Thread(() =>
        {
            var random = new Random(2);
            while (!Volatile.Read(ref over))
            {
                Thread.SpinWait(random.Next(200));
                Volatile.Read(ref current)?.Cancel();
                Thread.Yield();
            }
        });
        canceller.Start();

        long received = await Task.Run(async () =>
        {
            var random = new Random(3);
            PipeReader reader = server.Input.AsPipeReader();
            byte[] buffer = new byte[5000];
            long total = 0;
            while (true)
            {
                // Not disposed of: the other thread may hold it still.
                var cancellation = new CancellationTokenSource();
                int count;
                try
                {
                    Volatile.Write(ref current, cancellation);
                    switch (random.Next(4))
                    {
                        case 0:
                            count = await server.Input.ReadAsync(buffer.AsMemory(0, random.Next(1, 500)), cancellation.Token);
                            break;
                        case 1:
                            count = await server.Input.ReadAsync(buffer, cancellation.Token);
                            break;
                        case 2:
                            count = random.Next(1, 2000);
                            await server.Input.ReadExactlyAsync(buffer.AsMemory(0, count), cancellation.Token);
                            break;
                        default:
                            ReadResult result = await reader.ReadAsync(cancellation.Token);
                            count = (int)Math.Min(result.Buffer.Length, random.Next(1, 5000));
                            System.Buffers.BuffersExtensions.CopyTo(result.Buffer.Slice(0, count), buffer);
                            reader.AdvanceTo(result.Buffer.GetPosition(count));
                            break;
                    }
                }
                catch (OperationCanceledException exception)
                {
                    Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
                    Interlocked.Increment(ref cancelled);
                    continue;
                }
                catch (EndOfStreamException)
                {
                    continue;
                }
                finally
                {
                    Volatile.Write(ref current, null);
                }

                if (count == 0)
                {
                    return total;
                }

                Pattern.Check(buffer.AsSpan(0, count), total);
                total += count;
            }
        }).Soon();

        Volatile.Write(ref over, true);
        canceller.Join();
        Assert.That(received, Is.EqualTo(await sending.Soon()));
        Assert.That(cancelled, Is.Positive);
        TestContext.Out.WriteLine($"{received} bytes, {cancelled} cancelled reads");
    }

    /// <summary>Waits until so many bytes are in the channel's buffer, and leaves them there.</summary>
    private static async Task BufferAsync(ByteReadChannel input, int count)
    {
        PipeReader reader = input.AsPipeReader();
        ReadResult result = await reader.ReadAtLeastAsync(count).Soon();
        Assert.That(result.Buffer.Length, Is.EqualTo(count));
        reader.AdvanceTo(result.Buffer.Start);
    }

    private static void Reset(Socket peer)
    {
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
    }

    private static void AssertReset(IOException failure)
    {
        Assert.That(failure.InnerException, Is.InstanceOf<SocketException>());
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }
}
