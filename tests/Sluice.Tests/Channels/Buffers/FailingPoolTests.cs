using System.Buffers;
using System.Net.Sockets;

namespace Sluice.Tests.Channels.Buffers;

/// <summary>A user's pool that throws, or blocks.</summary>
public sealed class FailingPoolTests(SelectorEngine engine) : PoolFixture(engine)
{
    private const int Large = 15_000;

    private static readonly LengthPrefix s_prefix = LengthPrefix.VarInt;

    private static readonly Dictionary<string, Func<ByteWriteChannel, byte[], ValueTask>> s_writes = new()
    {
        ["bytes"] = (output, bytes) => output.WriteAsync(bytes),
        ["a sequence"] = (output, bytes) => output.WriteAsync(Split(bytes)),
        ["prefixed bytes"] = (output, bytes) => output.WritePrefixedAsync(s_prefix, bytes),
        ["a frame"] = (output, bytes) => output.WriteFrameAsync(FrameEncoder.LengthPrefixed(s_prefix, Large), bytes),
        ["an interpolated text"] = (output, bytes) => output.WriteAsync($"{new string('x', bytes.Length)}"),
        ["text"] = (output, bytes) => output.WriteStringAsync(new string('x', 900)),
        ["filled room"] = (output, bytes) => output.WritePrefixedAsync(s_prefix, 3000, bytes, static (room, bytes) => room.Length),
    };

    public static IEnumerable<string> Writes => s_writes.Keys;

    [Test]
    public async Task A_write_that_the_pool_has_no_memory_for_leaves_nothing_of_itself(
        [ValueSource(nameof(Writes))] string write, [Values("plain", "plain, by itself", "TLS")] string kind, [Values(0, 1, 2)] int blocks)
    {
        // Under TLS only what is not sent at once: what cannot be sealed for want of memory ends the session.
        bool tls = kind == "TLS";
        bool autoFlush = kind == "plain, by itself";
        (Connection client, Connection server) = await ConnectAsync(tls);
        ByteWriteChannel output = client.Output;
        output.AutoFlush = false;
        await output.WriteStringAsync("first ");
        long written = output.TotalBytesWritten;
        output.AutoFlush = autoFlush;

        // The last block is full up to a few bytes, so that what is written begins in it.
        await output.WriteAsync(new byte[4000]);
        Pool.FailAfter(blocks);
        int failures = 0;
        for (int i = 0; i < 20; i++)
        {
            long before = output.TotalBytesWritten;
            try
            {
                await s_writes[write](output, Pattern.Bytes(Large, 0));
                written += output.TotalBytesWritten - before;
            }
            catch (TrackingPool.OutOfBlocksException)
            {
                failures++;
                Assert.That(output.TotalBytesWritten, Is.EqualTo(before));
            }
        }

        Assert.That(failures, Is.Positive);
        Pool.Recover();
        long total = output.TotalBytesWritten;
        await output.WriteStringAsync("last");
        await output.FlushAsync().Soon();
        Assert.That(output.UnsentBytes, Is.Zero);
        Assert.That(output.TotalBytesWritten, Is.EqualTo(total + 4));
        await output.CompleteAsync().Soon();

        byte[] all = await server.Input.ReadToEndAsync(1_000_000).Soon();
        Assert.That(all, Has.Length.EqualTo(total + 4));
        Assert.That(all[..6], Is.EqualTo("first "u8.ToArray()));
        Assert.That(all[^4..], Is.EqualTo("last"u8.ToArray()));
        await CloseAsync(client, server);
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task A_read_that_the_pool_has_no_memory_for_loses_nothing([Values] bool tls, [Values] bool view)
    {
        (Connection client, Connection server) = await ConnectAsync(tls);
        ByteReadChannel input = view ? server.Input.AsCounted() : server.Input;
        await client.Output.WriteLineAsync(new string('x', 3000));
        await client.Output.FlushAsync().Soon();
        Pool.FailAfter(0);
        for (int i = 0; i < 3; i++)
        {
            Assert.ThrowsAsync<TrackingPool.OutOfBlocksException>(async () => await input.ReadLineAsync().Soon());
            Assert.That(input.IsClosedForRead, Is.False);
        }

        Pool.Recover();
        Assert.That(await input.ReadLineAsync().Soon(), Has.Length.EqualTo(3000));
        await client.Output.CompleteAsync().Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
        Assert.That(input.CloseCause, Is.Null);
        await CloseAsync(client, server);
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task A_read_that_has_to_wait_rents_no_memory()
    {
        (Connection client, Connection server) = await ConnectAsync(tls: false);
        await client.Output.WriteLineAsync("first");
        await client.Output.FlushAsync().Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("first"));

        // The first of these waits takes a signal that comes late.
        int rents = 0;
        for (int i = 0; i < 3; i++)
        {
            using var source = new CancellationTokenSource();
            rents = Pool.Rents;
            Task<string?> reading = server.Input.ReadLineAsync(source.Token).AsTask();
            await Waiting.UntilAsync(() => server.Socket.Transport.Wait.For == "data");
            await source.CancelAsync();
            Assert.CatchAsync<OperationCanceledException>(async () => await reading.Soon());
        }

        Assert.That(Pool.Rents, Is.EqualTo(rents));
        Assert.That(Pool.Outstanding, Is.Zero);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_pool_that_blocks_holds_up_its_caller_alone()
    {
        using var blocked = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        (Connection near, Connection far) = await ConnectPairAsync();
        Connection connection = ours.OpenConnection();

        // Until the peer takes no more, so that the loop has to go on with it.
        byte[] piece = new byte[4096];
        while (connection.Output.UnsentBytes < 3 * piece.Length)
        {
            await connection.Output.WriteAsync(piece);
        }

        Pool.OnRent = () =>
        {
            if (Thread.CurrentThread.Name == "blocks")
            {
                blocked.Set();
                goOn.Wait(Patience);
            }
        };
        var writing = new Thread(() => connection.Output.WriteAsync(new byte[8000]).AsTask().Wait(Patience)) { Name = "blocks" };
        writing.Start();
        Assert.That(blocked.Wait(Patience), Is.True);
        Pool.OnRent = null;

        // The loop is told that there is room, and has to look at the queue.
        Task<long> reading = peer.ReadToEndAsync();
        for (int i = 0; i < 10; i++)
        {
            await near.Output.WriteLineAsync($"line {i}");
            Assert.That(await far.Input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
        }

        await Waiting.UntilAsync(() => connection.Output.UnsentBytes == 0);

        goOn.Set();
        writing.Join();
        long written = connection.Output.TotalBytesWritten;
        await connection.DisposeAsync().Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(written));
    }

    [Test]
    public async Task What_a_block_throws_when_it_is_given_back_harms_nothing([Values] bool tls)
    {
        Pool.OnReturn = () => throw new InvalidOperationException("This pool takes nothing back.");
        (Connection client, Connection server) = await ConnectAsync(tls);
        for (int i = 0; i < 10; i++)
        {
            await client.Output.WriteAsync(Pattern.Bytes(Large, i * Large));
            Pattern.Check(await server.Input.ReadExactlyAsync(Large).Soon(), i * Large);
        }

        await CloseAsync(client, server);
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task Of_a_batch_of_datagrams_those_that_the_pool_had_memory_for_are_handed_out()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        for (byte i = 0; i < 4; i++)
        {
            await sender.SendAsync(new byte[] { i });
        }

        Pool.FailAfter(2);
        var datagrams = new Datagram[8];
        int count = 0;
        var failures = new List<Exception>();
        while (count < 2)
        {
            try
            {
                count += await receiver.ReceiveBatchAsync(datagrams.AsMemory(count)).Soon();
            }
            catch (TrackingPool.OutOfBlocksException exception)
            {
                failures.Add(exception);
            }
        }

        Assert.That(datagrams[..count].Select(datagram => datagram.Payload.Span[0]), Is.EqualTo(new byte[] { 0, 1 }));
        Pool.Recover();
        Array.ForEach(datagrams, datagram => datagram.Dispose());
        await Pool.CheckAllReturnedAsync();
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes) => WriteOperations.Cut(bytes, bytes.Length / 3);
}
