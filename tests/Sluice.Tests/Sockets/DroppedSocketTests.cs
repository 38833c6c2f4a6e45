using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sluice.Tests.Sockets;

/// <summary>Sockets whose user drops them without disposing of them.</summary>
public sealed class DroppedSocketTests(SelectorEngine engine) : LoggedFixture(engine)
{
    protected override SelectorOptions Options => new()
    {
        KeepsDroppedSockets = false,
        CaptureOpenStackTraces = true,
        LoggerFactory = LoggerFactory,
    };

    [Test]
    public async Task Each_kind_is_closed_counted_and_logged_with_where_it_was_opened()
    {
        long dropped = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, me) =>
            {
                if (instrument.Name == "sluice.dropped_sockets")
                {
                    me.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref dropped, count));
        listener.Start();
        using var peers = new PlainListener();
        await OpenAndDropAsync(peers.EndPoint);
        using Socket peer = await peers.AcceptAsync();

        await CollectUntilAsync(() => Selector.Describe().Sockets.Count == 0);

        // What was written is sent, as after a disposal.
        Assert.That(await peer.ReadToEndAsync().Soon(), Is.EqualTo(7));
        Assert.That(Logged.Count("SocketDropped"), Is.EqualTo(5));
        Assert.That(Interlocked.Read(ref dropped), Is.GreaterThanOrEqualTo(5));
        Assert.That(
            Logged.Entries.Where(entry => entry.Event == "SocketDropped").Select(entry => entry.Message),
            Is.All.Contains(nameof(OpenAndDropAsync)));
    }

    [Test]
    public async Task One_with_messages_that_wait_is_closed()
    {
        using var peers = new PlainListener();
        await PostAndDropAsync(peers.EndPoint);
        using Socket peer = await peers.AcceptAsync();

        await CollectUntilAsync(() => Logged.Count("SocketDropped") == 1);

        Assert.That(await peer.ReadToEndAsync().Soon(), Is.EqualTo(10 * OutboxOptions.DefaultCapacity));
    }

    [Test]
    public async Task One_that_was_accepted_is_closed()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        using Socket peer = await Peers.ConnectAsync(server.LocalEndPoint);
        await AcceptAndDropAsync(server);

        await CollectUntilAsync(() => Selector.Describe().Sockets.Count == 1);

        await peer.EndAsync().Soon();
        GC.KeepAlive(server);
    }

    [Test]
    public async Task Those_under_TLS_are_closed()
    {
        await SecureAndDropAsync();

        await CollectUntilAsync(() => Selector.Describe().Sockets.Count == 0);
    }

    [Test]
    public async Task One_that_is_closed_is_neither_counted_nor_logged([Values] bool aborts)
    {
        using var peers = new PlainListener();
        await ConnectAndCloseAsync(peers.EndPoint, aborts);
        for (int i = 0; i < 5; i++)
        {
            Collect();
            await Task.Delay(5);
        }

        Assert.That(Logged.Count("SocketDropped"), Is.Zero);
    }

    [Test]
    public async Task Whatever_could_still_use_one_keeps_it([Values("channel", "stream", "pipe", "read", "write", "accept", "accept under TLS", "datagram", "join", "outbox", "group", "post")] string use)
    {
        using var peers = new PlainListener();
        object held = await UseAsync(use, peers.EndPoint);
        for (int i = 0; i < 5; i++)
        {
            Collect();
            await Task.Delay(5);
        }

        Assert.That(Logged.Count("SocketDropped"), Is.Zero, use);
        GC.KeepAlive(held);
    }

    [Test]
    public async Task A_served_connection_and_its_server_are_never_taken_for_dropped_ones()
    {
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        EndPoint at = await ServeAsync(served);
        using Socket client = await Peers.ConnectAsync(at);
        await served.Task.Soon();
        for (int i = 0; i < 5; i++)
        {
            Collect();
            await Task.Delay(5);
        }

        using Socket another = await Peers.ConnectAsync(at);
        Assert.That(client.Poll(0, SelectMode.SelectRead), Is.False);
        Assert.That(Logged.Count("SocketDropped"), Is.Zero);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task OpenAndDropAsync(EndPoint peer)
    {
        StreamSocket socket = await Selector.Tcp().ConnectAsync(peer);
        await socket.OpenWriteChannel().WriteStringAsync("written");
        await Selector.Tcp().BindAsync("127.0.0.1");
        await Selector.Tcp().BindAsync("localhost");
        await Selector.Udp().BindAsync("127.0.0.1");
        await Selector.Udp().ConnectAsync("127.0.0.1", 9);
    }

    // The kernel takes a part of it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task PostAndDropAsync(EndPoint peer)
    {
        Connection connection = (await Selector.Tcp().ConnectAsync(peer)).OpenConnection();
        connection.OutboxOptions = new OutboxOptions { Capacity = 11 * OutboxOptions.DefaultCapacity };
        byte[] message = new byte[OutboxOptions.DefaultCapacity];
        for (int i = 0; i < 10; i++)
        {
            Assert.That(connection.Outbox.Post(message), Is.True);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task AcceptAndDropAsync(ServerSocket server) => await server.AcceptAsync();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task SecureAndDropAsync()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await client.Output.WriteLineAsync("hello").Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task ConnectAndCloseAsync(EndPoint peer, bool aborts)
    {
        StreamSocket socket = await Selector.Tcp().ConnectAsync(peer);
        if (aborts)
        {
            socket.Abort();
        }
        else
        {
            await socket.CloseAsync();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<object> UseAsync(string use, EndPoint peer)
    {
        switch (use)
        {
            case "channel":
                return (await Selector.Tcp().ConnectAsync(peer)).OpenReadChannel();
            case "stream":
                return (await Selector.Tcp().ConnectAsync(peer)).OpenConnection().AsStream();
            case "pipe":
                return (await Selector.Tcp().ConnectAsync(peer)).OpenConnection().AsDuplexPipe().Output;
            case "read":
                return WeakTask((await Selector.Tcp().ConnectAsync(peer)).OpenReadChannel().ReadLineAsync().AsTask());
            case "write":
                return WeakTask((await Selector.Tcp().ConnectAsync(peer)).OpenWriteChannel().WriteAsync(new byte[32_000_000]).AsTask());
            case "accept":
                return WeakTask((await Selector.Tcp().BindAsync("127.0.0.1")).AcceptAsync().AsTask());
            case "accept under TLS":
                return WeakTask((await Selector.Tcp().BindAsync("127.0.0.1")).UseTls(ServerCertificate).AcceptAsync().AsTask());
            case "outbox":
                return (await Selector.Tcp().ConnectAsync(peer)).OpenConnection().Outbox;
            case "group":
                var group = new ConnectionGroup();
                group.Add((await Selector.Tcp().ConnectAsync(peer)).OpenConnection());
                return group;
            case "post":
                Outbox outbox = (await Selector.Tcp().ConnectAsync(peer)).OpenConnection().Outbox;
                Task posting;
                do
                {
                    posting = outbox.PostAsync(new byte[OutboxOptions.DefaultCapacity]).AsTask();
                }
                while (posting.IsCompleted);
                return WeakTask(posting);
            case "datagram":
                return WeakTask((await Selector.Udp().BindAsync("127.0.0.1")).ReceiveAsync().AsTask());
            default:
                Connection one = (await Selector.Tcp().ConnectAsync(peer)).OpenConnection();
                Connection other = (await Selector.Tcp().ConnectAsync(peer)).OpenConnection();
                return WeakTask(one.JoinAsync(other).AsTask());
        }
    }

    // The call is pending, and nothing of the user's holds it.
    private static WeakReference WeakTask(Task task) => new WeakReference(task);

    // The handler waits for something that nothing can reach.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<EndPoint> ServeAsync(TaskCompletionSource served)
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(
            async (_, _) =>
            {
                served.TrySetResult();
                await new TaskCompletionSource().Task;
            },
            new ServeOptions { MaxConnections = 1 });
        return server.LocalEndPoint;
    }

    private static async Task CollectUntilAsync(Func<bool> condition) => await Waiting.UntilAsync(() =>
    {
        Collect();
        return condition();
    });

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private sealed class PlainListener : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public PlainListener()
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _socket.Listen();
        }

        public EndPoint EndPoint => _socket.LocalEndPoint!;

        public Task<Socket> AcceptAsync() => _socket.AcceptAsync().Soon();

        public void Dispose() => _socket.Dispose();
    }
}
