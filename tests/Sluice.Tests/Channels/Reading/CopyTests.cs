using System.Net.Sockets;

namespace Sluice.Tests.Channels.Reading;

[Parallelizable(ParallelScope.All)]
public sealed class CopyTests(SelectorEngine engine) : BothEngines(engine)
{
    // Enough for a large flow to leave our memory and to come back to it.
    private const int Long = 8 * 1024 * 1024;

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4096)]
    [TestCase(100_000)]
    [TestCase(Long)]
    public async Task A_copy_takes_all_of_a_stream_to_the_other_and_says_how_much(int length)
    {
        await using Relay relay = await RelayAsync();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        Task sending = relay.SendAsync(length);

        await CheckAsync(relay.To, length);

        await sending.Soon();
        relay.From.Shutdown(SocketShutdown.Send);
        Assert.That(await copying.Soon(), Is.EqualTo(length));
    }

    [Test]
    public async Task A_copy_sends_what_came_before_it_waits_for_more_even_if_the_destination_does_not_flush_by_itself()
    {
        await using Relay relay = await RelayAsync(autoFlush: false);
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        for (int i = 0; i < 100; i++)
        {
            await relay.From.SendAsync(Pattern.Bytes(100, i * 100)).Soon();
            await CheckAsync(relay.To, 100, i * 100);
        }

        Assert.That(copying.IsCompleted, Is.False);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(70_000)]
    [TestCase(Long - 1)]
    public async Task A_copy_with_a_limit_leaves_the_rest(int limit)
    {
        await using Relay relay = await RelayAsync();
        Task sending = relay.SendAsync(Long);

        Task checking = CheckAsync(relay.To, limit);
        Assert.That(await relay.Input.CopyToAsync(relay.Output, limit).Soon(), Is.EqualTo(limit));

        await checking;
        byte[] rest = new byte[Long - limit];
        await relay.Input.ReadExactlyAsync(rest).Soon();
        Pattern.Check(rest, limit);
        await sending.Soon();
    }

    [Test]
    public async Task A_copy_begins_with_what_was_read_ahead()
    {
        await using Relay relay = await RelayAsync();
        await relay.From.SendAsync("first\r\nsecond\r\nthird"u8.ToArray()).Soon();
        Assert.That(await relay.Input.ReadLineAsync().Soon(), Is.EqualTo("first"));
        relay.From.Shutdown(SocketShutdown.Send);

        Assert.That(await relay.Input.CopyToAsync(relay.Output).Soon(), Is.EqualTo("second\r\nthird".Length));

        byte[] got = new byte["second\r\nthird".Length];
        await relay.To.ReadExactlyAsync(got).Soon();
        Assert.That(got, Is.EqualTo("second\r\nthird"u8.ToArray()));
    }

    // A cancellation that meets a copy which gives way, with bytes already taken from the source, is one in thirty of these.
    [Test]
    public async Task A_copy_that_is_cancelled_again_and_again_loses_and_doubles_nothing([Range(1, 25)] int seed)
    {
        await using Relay relay = await RelayAsync();
        Task checking = CheckAsync(relay.To, Long);
        var random = new Random(seed);
        int cancelled = 0;

        // The end does not come before some have been cancelled.
        Task sending = relay.SendAsync(Long);
        bool ended = false;
        while (!ended)
        {
            using var cancel = new CancellationTokenSource();
            Task<long> copying = relay.Input.CopyToAsync(relay.Output, cancel.Token).AsTask();
            Thread.SpinWait(random.Next(20_000));
            await cancel.CancelAsync();
            try
            {
                await copying.Soon();
                ended = true;
            }
            catch (OperationCanceledException exception)
            {
                Assert.That(exception.CancellationToken, Is.EqualTo(cancel.Token));
                if (++cancelled == 5)
                {
                    sending = EndAsync(sending);
                }
            }
        }

        await sending.Soon();
        await checking;

        async Task EndAsync(Task sent)
        {
            await sent;
            relay.From.Shutdown(SocketShutdown.Send);
        }
    }

    [Test]
    public async Task A_copy_to_a_peer_that_does_not_read_waits_and_takes_no_more_than_the_buffers_hold()
    {
        await using Relay relay = await RelayAsync();
        using var cancel = new CancellationTokenSource();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output, cancel.Token).AsTask();
        Task sending = relay.SendAsync(64 * Long);
        await relay.StalledAsync();
        Assert.That(copying.IsCompleted, Is.False);
        Assert.That(sending.IsCompleted, Is.False);
        await cancel.CancelAsync();
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());

        // Bytes on their way arrive, and the next copy goes on where that one was stopped.
        _ = relay.Input.CopyToAsync(relay.Output).AsTask().OutcomeAsync();
        await CheckAsync(relay.To, 4 * Long);
        relay.From.Dispose();
        await sending.OutcomeAsync();
    }

    [Test]
    public async Task What_a_cancelled_copy_left_on_its_way_is_sent_before_what_is_written_next_and_before_the_end()
    {
        await using Relay relay = await RelayAsync();
        using var cancel = new CancellationTokenSource();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output, cancel.Token).AsTask();
        Task sending = relay.SendAsync(64 * Long);
        await relay.StalledAsync();
        await cancel.CancelAsync();
        await copying.OutcomeAsync();
        Task closing = Task.Run(async () =>
        {
            await relay.Output.WriteAsync("the end"u8.ToArray());
            await relay.Output.CompleteAsync();
        });

        using var all = new MemoryStream();
        await relay.To.CopyToAsync(all).Soon();
        await closing.Soon();
        byte[] got = all.ToArray();
        Assert.That(got[^7..], Is.EqualTo("the end"u8.ToArray()));
        Pattern.Check(got.AsSpan(0, got.Length - 7), 0);
        relay.From.Dispose();
        await sending.OutcomeAsync();
    }

    [Test]
    public async Task Closing_the_source_ends_a_copy([Values] bool large)
    {
        await using Relay relay = await RelayAsync();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        int length = large ? Long : 10;
        await Task.WhenAll(relay.SendAsync(length), CheckAsync(relay.To, length)).Soon();

        relay.Source.Abort();

        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Closing_the_destination_ends_a_copy_that_waits_for_room()
    {
        await using Relay relay = await RelayAsync();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        Task sending = relay.SendAsync(64 * Long);
        await relay.StalledAsync();
        relay.Destination.Abort();

        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        relay.From.Dispose();
        await sending.OutcomeAsync();
    }

    [Test]
    public async Task A_reset_of_the_source_fails_a_copy()
    {
        await using Relay relay = await RelayAsync();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        await Task.WhenAll(relay.SendAsync(Long), CheckAsync(relay.To, Long)).Soon();

        relay.From.LingerState = new LingerOption(true, 0);
        relay.From.Dispose();

        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<IOException>().With.InnerException.InstanceOf<SocketException>());
    }

    [Test]
    public async Task A_reset_of_the_destination_fails_a_copy([Values(1, Long)] int copiedBefore)
    {
        await using Relay relay = await RelayAsync();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        await Task.WhenAll(relay.SendAsync(copiedBefore), CheckAsync(relay.To, copiedBefore)).Soon();

        relay.Reset();
        Task sending = relay.SendAsync(64 * Long);

        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<IOException>().With.InnerException.InstanceOf<SocketException>());
        relay.From.Dispose();
        await sending.OutcomeAsync();
    }

    [Test]
    public async Task Neither_a_second_reader_nor_a_second_writer_disturbs_a_copy()
    {
        await using Relay relay = await RelayAsync();
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();

        Assert.That(() => relay.Input.ReadAsync(new byte[1]).AsTask(), Throws.InvalidOperationException);
        Assert.That(() => relay.Output.WriteAsync(new byte[1]).AsTask(), Throws.InvalidOperationException);

        await relay.SendAsync(1000);
        await CheckAsync(relay.To, 1000);
        relay.From.Shutdown(SocketShutdown.Send);
        Assert.That(await copying.Soon(), Is.EqualTo(1000));
    }

    [Test]
    public async Task A_copy_whose_destination_is_busy_leaves_the_source_alone()
    {
        await using Relay relay = await RelayAsync();
        Flood flood = await Flood.UntilStalledAsync(relay.Output);

        Assert.That(() => relay.Input.CopyToAsync(relay.Output).AsTask(), Throws.InvalidOperationException);

        await relay.From.SendAsync("x"u8.ToArray()).Soon();
        Assert.That(await relay.Input.ReadAsync(new byte[1]).Soon(), Is.EqualTo(1));
        await flood.CancelAsync();
        await flood.Writing.OutcomeAsync();
    }

    [Test]
    public async Task An_echo_by_copying_a_connection_to_itself_gives_back_what_came()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        using Socket closing = peer;
        Connection connection = ours.OpenConnection();
        Task<long> copying = connection.Input.CopyToAsync(connection.Output).AsTask();
        using var stream = new NetworkStream(peer);

        await Task.WhenAll(SendAndEndAsync(), CheckAsync(stream, Long)).Soon();

        Assert.That(await copying.Soon(), Is.EqualTo(Long));

        async Task SendAndEndAsync()
        {
            await stream.WriteAsync(Pattern.Bytes(Long));
            peer.Shutdown(SocketShutdown.Send);
        }
    }

    [Test]
    public async Task A_copy_from_one_engine_to_another_takes_all_of_a_stream()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("There is one engine only.");
        }

        SelectorEngine otherEngine = Engine == SelectorEngine.Epoll ? SelectorEngine.Portable : SelectorEngine.Epoll;
        await using var other = new SelectorManager(new SelectorOptions { Engine = otherEngine });
        (StreamSocket source, Socket from) = await Peers.PairAsync(Selector);
        (StreamSocket destination, Socket to) = await Peers.PairAsync(other);
        await using var relay = new Relay(source, destination, from, to, autoFlush: true);
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();

        await Task.WhenAll(relay.SendAsync(Long, end: true), CheckAsync(relay.To, Long)).Soon();

        Assert.That(await copying.Soon(), Is.EqualTo(Long));
    }

    private static async Task CheckAsync(Stream stream, int length, long from = 0)
    {
        byte[] buffer = new byte[100_000];
        for (int got = 0; got < length;)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, length - got))).Soon();
            Assert.That(count, Is.GreaterThan(0), $"ended after {got} of {length}");
            Pattern.Check(buffer.AsSpan(0, count), from + got);
            got += count;
        }
    }

    private async Task<Relay> RelayAsync(bool autoFlush = true)
    {
        (StreamSocket source, Socket from) = await Peers.PairAsync(Selector);
        (StreamSocket destination, Socket to) = await Peers.PairAsync(Selector);
        return new Relay(source, destination, from, to, autoFlush);
    }
}
