using System.Net;
using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Tests.Datagrams;

/// <summary>Several datagrams a call, or a turn; where the kernel cuts and joins them does not show.</summary>
public sealed class DatagramBatchTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Large = 4 * 1024 * 1024;

    // Runs of one size, ends that are shorter, none at all, and long ones: whatever could be put together wrongly.
    private static int[] Sizes { get; } = [100, 100, 100, 40, 100, 100, 0, 0, 5, 5, 7, 7, 7, 3, 2000, 2000, 2000, 1, 30_000, 30_000, 65_507, 9, 9, 0, 9, 1400, 1400];

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task A_batch_comes_as_it_was_sent(string host)
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync(host, 0, options => options.ReceiveBufferSize = Large);
        await using DatagramSocket sender = await Selector.Udp().BindAsync(host);
        OutgoingDatagram[] batch = [.. Sizes.Select((size, index) => new OutgoingDatagram(Pattern.Bytes(size, index), receiver.LocalEndPoint))];

        Assert.That(await sender.SendBatchAsync(batch).Soon(), Is.EqualTo(batch.Length));

        await CheckAsync(receiver, batch);
    }

    [Test]
    public async Task A_batch_to_several_peers_reaches_each_in_order()
    {
        DatagramSocket[] receivers = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = Large).AsTask()));
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1");
        OutgoingDatagram[] batch =
            [.. Enumerable.Range(0, 300).Select(i => new OutgoingDatagram(Pattern.Bytes(64, i), receivers[i / 7 % 3].LocalEndPoint))];

        Assert.That(await sender.SendBatchAsync(batch).Soon(), Is.EqualTo(batch.Length));

        foreach (DatagramSocket receiver in receivers)
        {
            await CheckAsync(receiver, [.. batch.Where(datagram => datagram.RemoteEndPoint!.Equals(receiver.LocalEndPoint))]);
            await receiver.DisposeAsync();
        }
    }

    [Test]
    public async Task What_one_turn_sends_comes_as_it_was_sent()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = Large);
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1");
        OutgoingDatagram[] sent = [.. Enumerable.Range(0, 5).SelectMany(_ => Sizes).Select((size, i) => new OutgoingDatagram(Pattern.Bytes(size, i), receiver.LocalEndPoint))];
        Task sending = Task.Run(async () =>
        {
            await sender.ReceiveAsync(new byte[1]);
            foreach (OutgoingDatagram datagram in sent)
            {
                await sender.SendAsync(datagram.Payload, datagram.RemoteEndPoint!);
            }
        });
        await receiver.SendAsync(new byte[1], sender.LocalEndPoint).Soon();

        await CheckAsync(receiver, sent);
        await sending.Soon();
    }

    [Test]
    public async Task A_caller_may_reuse_its_memory_when_a_send_has_completed()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = Large);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        Task sending = Task.Run(async () =>
        {
            await sender.ReceiveAsync(new byte[1]);
            byte[] buffer = new byte[10];
            for (byte i = 0; i < 200; i++)
            {
                buffer.AsSpan().Fill(i);
                await sender.SendAsync(buffer);
            }
        });
        await receiver.SendAsync(new byte[1], sender.LocalEndPoint).Soon();

        for (byte i = 0; i < 200; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.ToArray(), Is.EqualTo(Enumerable.Repeat(i, 10)));
        }

        await sending.Soon();
    }

    [Test]
    public async Task What_a_turn_sent_before_it_closed_the_socket_arrives()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        Task sending = Task.Run(async () =>
        {
            await sender.ReceiveAsync(new byte[1]);
            await sender.SendAsync(new byte[1]);
            await sender.SendAsync(new byte[1]);
            await sender.SendAsync(new byte[1]);
            await sender.DisposeAsync();
        });
        await receiver.SendAsync(new byte[1], sender.LocalEndPoint).Soon();
        await sending.Soon();

        for (int i = 0; i < 3; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.Length, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task What_a_handler_that_blocks_has_sent_does_not_wait_for_it()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        using var block = new ManualResetEventSlim();
        Task sending = Task.Run(async () =>
        {
            await sender.ReceiveAsync(new byte[1]);
            await sender.SendAsync(new byte[1]);
            await sender.SendAsync(new byte[1]);
            block.Wait();
        });
        await receiver.SendAsync(new byte[1], sender.LocalEndPoint).Soon();

        using Datagram first = await receiver.ReceiveAsync().Soon();
        using Datagram second = await receiver.ReceiveAsync().Soon();
        Assert.That(sending.IsCompleted, Is.False);
        block.Set();
        await sending.Soon();
    }

    [Test]
    public async Task A_batch_is_received_as_far_as_it_is_there()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = Large);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        var datagrams = new Datagram[64];
        Assert.That(await receiver.ReceiveBatchAsync(Memory<Datagram>.Empty).Soon(), Is.Zero);
        OutgoingDatagram[] sent = [.. Enumerable.Range(0, 150).Select(i => new OutgoingDatagram(Pattern.Bytes(i, i)))];
        Assert.That(await sender.SendBatchAsync(sent).Soon(), Is.EqualTo(150));

        int index = 0;
        while (index < 150)
        {
            int count = await receiver.ReceiveBatchAsync(datagrams).Soon();
            Assert.That(count, Is.InRange(1, 64));
            foreach (Datagram datagram in datagrams[..count])
            {
                Assert.That(datagram.Payload.ToArray(), Is.EqualTo(sent[index++].Payload.ToArray()));
                datagram.Dispose();
            }
        }
    }

    [Test]
    public async Task A_batch_with_one_that_is_refused_is_sent_up_to_there()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1");
        var refused = new IPEndPoint(IPAddress.Parse("127.255.255.255"), 9);
        OutgoingDatagram[] batch =
        [
            new(new byte[1], receiver.LocalEndPoint), new(new byte[2], receiver.LocalEndPoint), new(new byte[3], refused), new(new byte[4], receiver.LocalEndPoint),
        ];

        Assert.That(await sender.SendBatchAsync(batch).Soon(), Is.EqualTo(2));
        Exception? failure = await sender.SendBatchAsync(batch.AsMemory(2)).OutcomeAsync();
        Assert.That((failure as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.AccessDenied));
        Assert.That(await sender.SendBatchAsync(batch.AsMemory(3)).Soon(), Is.EqualTo(1));

        foreach (int size in (int[])[1, 2, 4])
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.Length, Is.EqualTo(size));
        }
    }

    [Test]
    public async Task A_batch_with_one_that_is_refused_ends_as_well_where_it_has_to_let_others_run_first()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket trigger = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBatchSize = 1);
        OutgoingDatagram[] batch = [new(new byte[1], receiver.LocalEndPoint), new(new byte[3], new IPEndPoint(IPAddress.Parse("127.255.255.255"), 9))];

        // Each longer than the one before, so that the kernel does not join them: each takes a receive of its own.
        OutgoingDatagram[] waiting = [.. Enumerable.Range(1, 2 * LoopTurn.Budget).Select(size => new OutgoingDatagram(new byte[size], sender.LocalEndPoint))];

        // One of these numbers of receives leaves the continuation without a budget.
        for (int receives = 1; receives < waiting.Length; receives++)
        {
            await receiver.SendBatchAsync(waiting).Soon();
            Task<int> sending = ReceiveThenSendAsync(receives);
            await receiver.SendAsync(new byte[1], trigger.LocalEndPoint).Soon();
            Assert.That(await sending.Soon(), Is.EqualTo(1), $"after {receives} receives");
        }

        async Task<int> ReceiveThenSendAsync(int receives)
        {
            byte[] buffer = new byte[2 * LoopTurn.Budget];
            // Goes on in a turn of the loop.
            await trigger.ReceiveAsync(buffer).ConfigureAwait(false);
            for (int i = 0; i < receives; i++)
            {
                await sender.ReceiveAsync(buffer);
            }

            int sent = await sender.SendBatchAsync(batch);
            for (int i = receives; i < waiting.Length; i++)
            {
                await sender.ReceiveAsync(buffer);
            }

            return sent;
        }
    }

    [Test]
    public async Task More_than_can_be_sent_at_once_is_sent_when_there_is_room()
    {
        // A veth would push back; loopback does so only by way of a small send buffer, and a receiver that does not fall behind.
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = Large);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint, configure: options => options.SendBufferSize = 4608);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 500; i++)
            {
                await sender.SendAsync(Pattern.Bytes(1000, i));
            }
        });

        for (int i = 0; i < 500; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.ToArray(), Is.EqualTo(Pattern.Bytes(1000, i)));
        }

        await sending.Soon();
    }

    private static async Task CheckAsync(DatagramSocket receiver, OutgoingDatagram[] sent)
    {
        foreach (OutgoingDatagram expected in sent)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(datagram.Payload.ToArray(), Is.EqualTo(expected.Payload.ToArray()));
        }
    }
}
