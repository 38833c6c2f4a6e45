using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Sluice.Tests.Engine;

/// <summary>Descriptors are used again at once; nothing meant for one connection may reach the next.</summary>
public sealed class DescriptorReuseTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task No_byte_and_no_event_reaches_the_wrong_connection()
    {
        const int threads = 4;
        const int each = 400;
        long wrong = 0;
        long answered = 0;
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            byte[] message = new byte[8];
            long id = 0;
            try
            {
                while (true)
                {
                    await connection.Input.ReadExactlyAsync(message, token);
                    long read = BinaryPrimitives.ReadInt64LittleEndian(message);
                    wrong += id != 0 && id != read ? 1 : 0;
                    id = read;
                    await connection.Output.WriteAsync(message, token);
                }
            }
            catch (Exception exception) when (exception is EndOfStreamException or IOException)
            {
                // The client has left, in the way it likes.
            }
        });

        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () => RunAsync(thread),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap())).Soon();
        await server.StopAsync(Patience).Soon();
        await serving.Soon();

        Assert.That(Interlocked.Read(ref wrong), Is.Zero);
        Assert.That(answered, Is.GreaterThan(threads * each / 2));

        async Task RunAsync(int thread)
        {
            byte[] message = new byte[8];
            byte[] answer = new byte[8];
            for (int i = 0; i < each; i++)
            {
                long id = ((long)(thread + 1) << 32) | (uint)(i + 1);
                StreamSocket socket = await Selector.Tcp().ConnectAsync(server.LocalEndPoint);
                Connection connection = socket.OpenConnection();
                BinaryPrimitives.WriteInt64LittleEndian(message, id);
                for (int repeat = 0; repeat <= i % 4; repeat++)
                {
                    await connection.Output.WriteAsync(message);
                }

                if (i % 4 != 3)
                {
                    for (int repeat = 0; repeat <= i % 2; repeat++)
                    {
                        await connection.Input.ReadExactlyAsync(answer);
                        if (BinaryPrimitives.ReadInt64LittleEndian(answer) != id)
                        {
                            Interlocked.Increment(ref wrong);
                        }

                        Interlocked.Increment(ref answered);
                    }
                }

                // With answers and events still on their way, in any of the ways there are.
                switch (i % 3)
                {
                    case 0:
                        socket.Abort();
                        break;
                    case 1:
                        _ = socket.CloseAsync().AsTask();
                        break;
                    default:
                        _ = connection.Input.ReadAsync(answer).AsTask().OutcomeAsync();
                        socket.Abort();
                        break;
                }
            }
        }
    }

    // The framework's own Socket for a connection, as IConnectionSocketFeature gives it: code that holds it knows nothing of the close.
    [Test]
    public async Task The_frameworks_view_of_a_connection_that_is_closed_reaches_no_other_socket([Values] bool abort)
    {
        const short mark = 77;
        using var stop = new CancellationTokenSource(Patience);
        var views = new ConcurrentQueue<Socket>();

        // On the portable engine it is the connection's own Socket, which the framework disconnects if a call is under way when it is closed:
        // then its peer may see a reset.
        int setters = Selector.Engine == SelectorEngine.Epoll ? 2 : 0;
        Task[] setting = [.. Enumerable.Range(0, setters).Select(_ => Task.Factory.StartNew(
            () => SetForEver(views, mark, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        for (int i = 0; i < 300; i++)
        {
            (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
            using Socket closing = peer;
            Socket view = ours.Transport.OpenSocketView();
            Assert.That(ours.Transport.OpenSocketView(), Is.SameAs(view));
            views.Enqueue(view);
            view.Ttl = mark;
            Assert.That(ours.Transport.OpenSocketView().Ttl, Is.EqualTo(mark));

            if (abort)
            {
                ours.Abort();
            }
            else
            {
                await ours.CloseAsync().Soon();
            }

            // Both take the numbers that are free now.
            using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Assert.Throws<ObjectDisposedException>(() => view.Ttl = mark);
            Assert.Throws<ObjectDisposedException>(() => ours.Transport.OpenSocketView().Ttl = mark);
            Thread.Yield();
            Assert.That(stranger.Ttl, Is.Not.EqualTo(mark));
            Assert.That(other.Ttl, Is.Not.EqualTo(mark));
            Assert.That(await peer.EndAsync(), Is.EqualTo(abort ? SocketError.ConnectionReset : SocketError.Success), "The view does not keep it open.");
        }

        await stop.CancelAsync();
        await Task.WhenAll(setting).Soon();
    }

    [Test]
    public async Task The_frameworks_view_is_closed_with_the_manager_and_needs_no_descriptor_afterwards()
    {
        int before = Descriptors.Count();
        Socket view;
        await using (var selector = new SelectorManager(new SelectorOptions { Engine = Selector.Engine }))
        {
            (StreamSocket ours, Socket peer) = await Peers.PairAsync(selector);
            using Socket closing = peer;
            view = ours.Transport.OpenSocketView();
        }

        Assert.Throws<ObjectDisposedException>(() => view.NoDelay = true);
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    private static void SetForEver(ConcurrentQueue<Socket> views, short value, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!views.TryPeek(out Socket? view))
            {
                Thread.Yield();
                continue;
            }

            try
            {
                view.Ttl = value;
            }
            catch (ObjectDisposedException)
            {
                views.TryDequeue(out _);
            }
        }
    }
}
