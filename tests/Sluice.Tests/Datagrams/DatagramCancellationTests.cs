using System.Net.Sockets;

namespace Sluice.Tests.Datagrams;

/// <summary>Calls that are given up, sockets that are closed, and both at once.</summary>
public sealed class DatagramCancellationTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_cancelled_receive_loses_no_datagram()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        using var canceled = new CancellationTokenSource();
        Task<Exception?> receiving = receiver.ReceiveAsync(canceled.Token).OutcomeAsync();
        await canceled.CancelAsync();

        Assert.That(await receiving, Is.InstanceOf<OperationCanceledException>());
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        await sender.SendAsync(new byte[5]).Soon();
        DatagramReceiveResult result = await receiver.ReceiveAsync(new byte[10]).Soon();
        Assert.That(result.Count, Is.EqualTo(5));
    }

    [Test]
    public async Task A_token_that_is_cancelled_already_ends_each_call_at_once()
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
        var canceled = new CancellationToken(canceled: true);
        await socket.SendAsync(new byte[3], socket.LocalEndPoint).Soon();

        Assert.That(await socket.ReceiveAsync(canceled).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(await socket.SendAsync(new byte[1], socket.LocalEndPoint, canceled).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(
            await socket.SendBatchAsync(new OutgoingDatagram[] { new(new byte[1], socket.LocalEndPoint) }, canceled).OutcomeAsync(),
            Is.InstanceOf<OperationCanceledException>());
        using Datagram datagram = await socket.ReceiveAsync().Soon();
        Assert.That(datagram.Payload.Length, Is.EqualTo(3));
    }

    [Test]
    public async Task Receives_that_are_cancelled_as_datagrams_come_lose_none()
    {
        const int count = 3000;
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1", 0, options => options.ReceiveBufferSize = 4 * 1024 * 1024);
        await using DatagramSocket sender = await Selector.Udp().ConnectAsync(receiver.LocalEndPoint);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await sender.SendAsync(BitConverter.GetBytes(i));
                if (i % 3 == 0)
                {
                    await Task.Yield();
                }
            }
        });
        byte[] buffer = new byte[4];
        int next = 0;
        int given = 0;
        while (next < count)
        {
            using var soon = new CancellationTokenSource();
            ValueTask<DatagramReceiveResult> receiving = receiver.ReceiveAsync(buffer, soon.Token);
            Task cancelling = receiving.IsCompleted ? Task.CompletedTask : soon.CancelAsync();
            try
            {
                await receiving.Soon();
                Assert.That(BitConverter.ToInt32(buffer), Is.EqualTo(next++));
            }
            catch (OperationCanceledException)
            {
                given++;
            }

            await cancelling;
        }

        await sending.Soon();
        TestContext.Out.WriteLine($"{given} given up");
    }

    [Test]
    public async Task Closing_ends_what_waits_and_refuses_what_comes_later()
    {
        DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
        Task<Exception?> receiving = socket.ReceiveAsync().OutcomeAsync();
        System.Net.EndPoint at = socket.LocalEndPoint;
        Assert.That(socket.Completion.IsCompleted, Is.False);

        await socket.DisposeAsync();
        await socket.DisposeAsync();

        Assert.That(await receiving, Is.TypeOf<ObjectDisposedException>());
        await socket.Completion.Soon();
        Assert.That(await socket.ReceiveAsync().OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        Assert.That(await socket.SendAsync(new byte[1], at).OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        Assert.That(
            await socket.SendBatchAsync(new OutgoingDatagram[] { new(new byte[1], at) }).OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
        Assert.That(socket.LocalEndPoint, Is.EqualTo(at));
        Assert.Throws<ObjectDisposedException>(() => _ = socket.Options.Broadcast);
        await using DatagramSocket again = await Selector.Udp().BindAsync(at);
    }

    [Test]
    public async Task Disposing_of_the_selector_closes_the_socket()
    {
        SelectorManager selector = CreateManager();
        DatagramSocket socket = await selector.Udp().BindAsync("127.0.0.1");
        Task<Exception?> receiving = socket.ReceiveAsync().OutcomeAsync();

        await selector.DisposeAsync().AsTask().Soon();

        Assert.That(await receiving, Is.TypeOf<ObjectDisposedException>());
        await socket.Completion.Soon();
        Assert.That(await selector.Udp().BindAsync("127.0.0.1").OutcomeAsync(), Is.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Sockets_that_are_closed_under_load_end_every_call_and_leave_no_descriptor()
    {
        // The first socket of an engine may bring descriptors of the runtime's with it.
        await LoadAndCloseAsync(0);
        int before = Descriptors.Count();
        for (int round = 1; round <= 60; round++)
        {
            await LoadAndCloseAsync(round);
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task Sockets_that_are_closed_as_receives_are_cancelled_end_every_call()
    {
        for (int round = 0; round < 200; round++)
        {
            DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
            using var canceled = new CancellationTokenSource();
            Task<Exception?> receiving = socket.ReceiveAsync(canceled.Token).OutcomeAsync();
            Task sending = socket.SendAsync(new byte[1], socket.LocalEndPoint).AsTask();
            Task cancelling = Task.Run(canceled.Cancel);
            Task closing = Task.Run(() => socket.DisposeAsync().AsTask());

            Exception? outcome = await receiving;
            Assert.That(outcome, Is.Null.Or.InstanceOf<OperationCanceledException>().Or.TypeOf<ObjectDisposedException>());
            await Task.WhenAll(cancelling, closing).Soon();
            await sending.OutcomeAsync();
        }
    }

    private async Task LoadAndCloseAsync(int round)
    {
        DatagramSocket one = await Selector.Udp().BindAsync("127.0.0.1");
        DatagramSocket two = await Selector.Udp().ConnectAsync(one.LocalEndPoint);
        Task[] running =
        [
            EchoAsync(one),
            ReceiveAsync(two),
            FloodAsync(two, 10 + (round % 7 * 20)),
            FloodAsync(two, 10 + (round % 5 * 30)),
        ];
        await Task.WhenAny(running[2], running[3]);
        await Task.WhenAll(Task.Run(() => one.DisposeAsync().AsTask()), Task.Run(() => two.DisposeAsync().AsTask()));
        await Task.WhenAll(running).Soon();
    }

    private static Task EchoAsync(DatagramSocket socket) => UntilClosedAsync(async () =>
    {
        byte[] buffer = new byte[100];
        while (true)
        {
            DatagramReceiveResult result = await socket.ReceiveAsync(buffer);
            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.RemoteEndPoint);
        }
    });

    private static Task ReceiveAsync(DatagramSocket socket) => UntilClosedAsync(async () =>
    {
        var batch = new Datagram[10];
        while (true)
        {
            int count = await socket.ReceiveBatchAsync(batch);
            Array.ForEach(batch[..count], datagram => datagram.Dispose());
        }
    });

    private static Task FloodAsync(DatagramSocket socket, int count) => UntilClosedAsync(async () =>
    {
        byte[] bytes = new byte[60];
        for (int i = 0; i < count; i++)
        {
            await socket.SendAsync(bytes);
        }
    });

    private static async Task UntilClosedAsync(Func<Task> runAsync)
    {
        while (true)
        {
            try
            {
                await Task.Run(runAsync);
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // The other one was closed first.
            }
        }
    }
}
