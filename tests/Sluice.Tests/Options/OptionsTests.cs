using Microsoft.Extensions.Time.Testing;
using Sluice.Engine;
using Sluice.Options;
using Socket = System.Net.Sockets.Socket;

namespace Sluice.Tests.Options;

[Parallelizable(ParallelScope.All)]
public sealed class OptionsTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly byte[] s_chunk = new byte[32 * 1024];

    [Test]
    public async Task What_is_not_set_has_its_default()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);

        foreach (StreamSocket socket in new[] { client, accepted })
        {
            Assert.That(socket.Options.NoDelay, Is.True);
            Assert.That(socket.Options.KeepAlive, Is.False);
            Assert.That(socket.Options.LingerSeconds, Is.Null);
            Assert.That(socket.Options.TypeOfService, Is.Zero);
            Assert.That(socket.Options.SendBufferSize, Is.GreaterThan(0));
            Assert.That(socket.Options.ReceiveBufferSize, Is.GreaterThan(0));
            Assert.That(socket.Options.SocketTimeout, Is.EqualTo(Timeout.InfiniteTimeSpan));
            Assert.That(socket.Options.CloseTimeout, Is.EqualTo(StreamSocketOptions.DefaultCloseTimeout));
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task What_is_set_for_a_client_is_on_its_socket(string host)
    {
        await using ServerSocket server = host == "::1" ? await IPv6Loopback.ListenAsync(Selector) : await Selector.Tcp().BindAsync(host);

        await using StreamSocket client = await Selector.Tcp().ConnectAsync(host, server.Port, SetAll).Soon();

        AssertAll(client);
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(client.Transport.Options.GetOption(SocketOption.ReuseAddress), Is.Not.Zero);
            Assert.That(client.Transport.Options.GetOption(SocketOption.ReusePort), Is.Not.Zero);
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task What_a_listener_says_of_accepted_connections_is_on_their_sockets(string host)
    {
        if (host == "::1")
        {
            await using ServerSocket probe = await IPv6Loopback.ListenAsync(Selector);
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync(host, 0, options => SetAll(options.Accepted));
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(host, server.Port).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        AssertAll(accepted);
        Assert.That(client.Options.KeepAlive, Is.False);
    }

    [Test]
    public async Task What_a_builder_says_is_on_the_sockets_of_both_sides()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector, SetAll);

        AssertAll(client);
        AssertAll(accepted);
    }

    [Test]
    public void What_is_set_for_a_listener_is_on_its_socket()
    {
        var options = new TcpListenerOptions
        {
            ReuseAddress = false,
            ReusePort = !OperatingSystem.IsWindows(),
            SendBufferSize = 40_000,
            ReceiveBufferSize = 50_000,
            TypeOfService = 0x20,
        };

        ListenerTransport listener = Selector.Sockets.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), options);

        if (Engine == SelectorEngine.Epoll)
        {
            // System.Net.Sockets switches it on itself whenever it binds on Unix.
            Assert.That(listener.Options.GetOption(SocketOption.ReuseAddress), Is.Zero);
        }

        Assert.That(listener.Options.GetOption(SocketOption.SendBufferSize), Is.EqualTo(40_000));
        Assert.That(listener.Options.GetOption(SocketOption.ReceiveBufferSize), Is.EqualTo(50_000));
        Assert.That(listener.Options.GetOption(SocketOption.TypeOfService), Is.EqualTo(0x20));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(listener.Options.GetOption(SocketOption.ReusePort), Is.Not.Zero);
        }
    }

    [Test]
    public void A_listener_reuses_addresses_but_not_ports_unless_told_otherwise()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("The default on Windows is another.");
        }

        ListenerTransport listener = Selector.Sockets.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), new TcpListenerOptions());

        Assert.That(listener.Options.GetOption(SocketOption.ReuseAddress), Is.Not.Zero);
        Assert.That(listener.Options.GetOption(SocketOption.ReusePort), Is.Zero);
        Assert.That(new TcpListenerOptions().Backlog, Is.EqualTo(TcpListenerOptions.DefaultBacklog));
    }

    [Test]
    public async Task Options_of_a_live_connection_are_read_and_set()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);

        foreach (LiveStreamOptions options in new[] { client.Options, accepted.Options })
        {
            options.NoDelay = false;
            options.KeepAlive = true;
            options.LingerSeconds = 9;
            options.SendBufferSize = 30_000;
            options.ReceiveBufferSize = 60_000;
            options.TypeOfService = 0x10;
            options.SocketTimeout = TimeSpan.FromSeconds(7);
            options.CloseTimeout = TimeSpan.FromSeconds(8);
            Assert.That(options.NoDelay, Is.False);
            Assert.That(options.KeepAlive, Is.True);
            Assert.That(options.LingerSeconds, Is.EqualTo(9));
            Assert.That(options.SendBufferSize, Is.EqualTo(30_000));
            Assert.That(options.ReceiveBufferSize, Is.EqualTo(60_000));
            Assert.That(options.TypeOfService, Is.EqualTo(0x10));
            Assert.That(options.SocketTimeout, Is.EqualTo(TimeSpan.FromSeconds(7)));
            Assert.That(options.CloseTimeout, Is.EqualTo(TimeSpan.FromSeconds(8)));

            options.NoDelay = true;
            options.KeepAlive = false;
            options.LingerSeconds = null;
            options.SocketTimeout = Timeout.InfiniteTimeSpan;
            Assert.That(options.NoDelay, Is.True);
            Assert.That(options.KeepAlive, Is.False);
            Assert.That(options.LingerSeconds, Is.Null);
            Assert.That(options.SocketTimeout, Is.EqualTo(Timeout.InfiniteTimeSpan));
        }
    }

    [Test]
    public async Task Options_of_a_closed_socket_are_refused()
    {
        (StreamSocket client, _) = await Peers.OwnPairAsync(Selector);
        await client.CloseAsync().Soon();

        Assert.Throws<ObjectDisposedException>(() => _ = client.Options.NoDelay);
        Assert.Throws<ObjectDisposedException>(() => client.Options.NoDelay = false);
        Assert.Throws<ObjectDisposedException>(() => _ = client.Options.LingerSeconds);
        Assert.Throws<ObjectDisposedException>(() => client.Options.KeepAlive = true);
        Assert.Throws<ObjectDisposedException>(() => client.Options.TypeOfService = 0);
    }

    [Test]
    public async Task Values_out_of_range_are_refused()
    {
        (StreamSocket socket, _) = await Peers.OwnPairAsync(Selector);
        var stream = new StreamSocketOptions();
        var listener = new TcpListenerOptions();
        TimeSpan[] never = [TimeSpan.Zero, TimeSpan.FromSeconds(-1), TimeSpan.FromDays(25)];
        Action[] refused =
        [
            () => stream.SendBufferSize = 0,
            () => stream.ReceiveBufferSize = -1,
            () => stream.TypeOfService = -1,
            () => stream.TypeOfService = 256,
            () => stream.LingerSeconds = -1,
            () => stream.LingerSeconds = 65_536,
            () => stream.CloseTimeout = Timeout.InfiniteTimeSpan,
            () => listener.Backlog = 0,
            () => listener.SendBufferSize = 0,
            () => socket.Options.SendBufferSize = 0,
            () => socket.Options.ReceiveBufferSize = 0,
            () => socket.Options.TypeOfService = 256,
            () => socket.Options.TypeOfService = -1,
            () => socket.Options.LingerSeconds = -1,
            () => socket.Options.LingerSeconds = 65_536,
            () => socket.Options.CloseTimeout = Timeout.InfiniteTimeSpan,
            .. never.SelectMany(time => new Action[]
            {
                () => stream.SocketTimeout = time,
                () => stream.CloseTimeout = time,
                () => socket.Options.SocketTimeout = time,
                () => socket.Options.CloseTimeout = time,
            }),
        ];

        foreach (Action set in refused)
        {
            Assert.Catch<ArgumentException>(() => set());
        }
    }

    [Test]
    public async Task A_builder_stays_as_it_is()
    {
        TcpSocketBuilder plain = Selector.Tcp();
        StreamSocketOptions? kept = null;
        TcpSocketBuilder configured = plain.Configure(options =>
        {
            options.KeepAlive = true;
            kept = options;
        });
        TcpSocketBuilder again = configured.Configure(options => options.NoDelay = false);
        kept!.KeepAlive = false;
        await using ServerSocket server = await plain.BindAsync("127.0.0.1");

        await using StreamSocket first = await plain.ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket second = await configured.ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket third = await again.ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket fourth = await configured.ConnectAsync(server.LocalEndPoint, options => options.KeepAlive = false).Soon();
        await using StreamSocket fifth = await configured.ConnectAsync(server.LocalEndPoint).Soon();

        Assert.That((first.Options.KeepAlive, first.Options.NoDelay), Is.EqualTo((false, true)));
        Assert.That((second.Options.KeepAlive, second.Options.NoDelay), Is.EqualTo((true, true)));
        Assert.That((third.Options.KeepAlive, third.Options.NoDelay), Is.EqualTo((true, false)));
        Assert.That((fourth.Options.KeepAlive, fourth.Options.NoDelay), Is.EqualTo((false, true)));
        Assert.That((fifth.Options.KeepAlive, fifth.Options.NoDelay), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task A_read_that_gets_nothing_times_out_and_the_connection_stays_usable()
    {
        var time = new FakeTimeProvider();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = time });
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(selector, options => options.SocketTimeout = TimeSpan.FromSeconds(8));
        ByteReadChannel input = client.OpenReadChannel();
        ByteWriteChannel output = accepted.OpenWriteChannel(autoFlush: true);
        byte[] buffer = new byte[16];

        for (int round = 0; round < 2; round++)
        {
            Task<int> reading = input.ReadAsync(buffer).AsTask();
            Advance(time, TimeSpan.FromSeconds(7.5));
            await PassThroughLoopsAsync();
            Assert.That(reading.IsCompleted, Is.False);

            // Late by a quarter at most.
            Advance(time, TimeSpan.FromSeconds(2.5));
            IOException exception = Assert.ThrowsAsync<IOException>(async () => await reading.Soon())!;
            Assert.That(exception.InnerException, Is.TypeOf<TimeoutException>());

            await output.WriteAsync(new byte[] { 1, 2, 3 }).Soon();
            Assert.That(await input.ReadAsync(buffer).Soon(), Is.EqualTo(3));
        }
    }

    [Test]
    public async Task A_read_times_out_by_the_clock_of_the_system()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector, options => options.SocketTimeout = TimeSpan.FromMilliseconds(100));
        ByteReadChannel input = client.OpenReadChannel();
        ByteWriteChannel output = accepted.OpenWriteChannel(autoFlush: true);
        long started = Environment.TickCount64;

        IOException exception = Assert.ThrowsAsync<IOException>(async () => await input.ReadLineAsync().Soon())!;

        Assert.That(exception.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(Environment.TickCount64 - started, Is.GreaterThanOrEqualTo(90));
        await output.WriteLineAsync("still here").Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("still here"));
    }

    [Test]
    public async Task A_timeout_that_is_set_while_a_read_waits_ends_it()
    {
        var time = new FakeTimeProvider();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = time });
        (StreamSocket client, _) = await Peers.OwnPairAsync(selector);
        Task<int> reading = client.OpenReadChannel().ReadAsync(new byte[16]).AsTask();
        Advance(time, TimeSpan.FromSeconds(60));
        Assert.That(reading.IsCompleted, Is.False);

        client.Options.SocketTimeout = TimeSpan.FromSeconds(8);
        Advance(time, TimeSpan.FromSeconds(10));

        Assert.That((await reading.OutcomeAsync())?.InnerException, Is.TypeOf<TimeoutException>());
    }

    [Test]
    public async Task A_write_to_a_peer_that_never_reads_times_out_and_no_byte_is_lost_or_doubled()
    {
        var time = new FakeTimeProvider();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = time });
        (StreamSocket ours, Socket peer) =
            await Peers.PairAsync(selector, options => options.SocketTimeout = TimeSpan.FromSeconds(8));
        ByteWriteChannel output = ours.OpenWriteChannel(autoFlush: true);
        long written = 0;

        Task writing;
        while ((writing = output.WriteAsync(s_chunk).AsTask()).IsCompletedSuccessfully)
        {
            written += s_chunk.Length;
        }

        // The kernel may take some more, which starts the time anew.
        await Waiting.UntilAsync(() =>
        {
            Advance(time, TimeSpan.FromSeconds(1));
            return writing.IsCompleted;
        });
        IOException exception = Assert.ThrowsAsync<IOException>(async () => await writing)!;
        Assert.That(exception.InnerException, Is.TypeOf<TimeoutException>());

        Task<IOException?> flushing = TimeOutAsync(output.FlushAsync().AsTask());
        await Waiting.UntilAsync(() =>
        {
            Advance(time, TimeSpan.FromSeconds(1));
            return flushing.IsCompleted;
        });
        Assert.That((await flushing)?.InnerException, Is.TypeOf<TimeoutException>());

        Task<long> reading = peer.ReadToEndAsync();
        await output.WriteAsync(s_chunk).Soon();
        written += s_chunk.Length;
        await output.CompleteAsync().Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(written));
        peer.Dispose();
    }

    [Test]
    public async Task A_slow_consumer_is_no_timeout()
    {
        var time = new FakeTimeProvider();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = time });
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(selector, options => options.SocketTimeout = TimeSpan.FromSeconds(8));
        ByteReadChannel input = client.OpenReadChannel();
        ByteWriteChannel output = accepted.OpenWriteChannel(autoFlush: true);

        for (int i = 0; i < 5; i++)
        {
            Advance(time, TimeSpan.FromSeconds(100));
            Task<string?> reading = input.ReadLineAsync().AsTask();
            Advance(time, TimeSpan.FromSeconds(5));
            await output.WriteLineAsync("slowly").Soon();
            Assert.That(await reading.Soon(), Is.EqualTo("slowly"));
        }
    }

    private static void SetAll(StreamSocketOptions options)
    {
        options.ReuseAddress = !OperatingSystem.IsWindows();
        options.ReusePort = !OperatingSystem.IsWindows();
        options.NoDelay = false;
        options.KeepAlive = true;
        options.LingerSeconds = 7;
        options.SendBufferSize = 30_000;
        options.ReceiveBufferSize = 60_000;
        options.TypeOfService = 0x10;
        options.SocketTimeout = TimeSpan.FromSeconds(11);
        options.CloseTimeout = TimeSpan.FromSeconds(12);
    }

    private static void AssertAll(StreamSocket socket)
    {
        LiveStreamOptions options = socket.Options;
        Assert.That(options.NoDelay, Is.False);
        Assert.That(options.KeepAlive, Is.True);
        Assert.That(options.LingerSeconds, Is.EqualTo(7));
        Assert.That(options.SendBufferSize, Is.EqualTo(30_000));
        Assert.That(options.ReceiveBufferSize, Is.EqualTo(60_000));
        Assert.That(options.TypeOfService, Is.EqualTo(0x10));
        Assert.That(options.SocketTimeout, Is.EqualTo(TimeSpan.FromSeconds(11)));
        Assert.That(options.CloseTimeout, Is.EqualTo(TimeSpan.FromSeconds(12)));
    }

    // In steps, as time goes: a timer sees each.
    private static void Advance(FakeTimeProvider time, TimeSpan by)
    {
        for (TimeSpan step = TimeSpan.FromSeconds(0.5); by > TimeSpan.Zero; by -= step)
        {
            time.Advance(step);
        }
    }

    private static async Task<IOException?> TimeOutAsync(Task task) => await task.OutcomeAsync() as IOException;

    // What was queued for completion by now has completed.
    private async Task PassThroughLoopsAsync()
    {
        for (int i = 0; i <= Environment.ProcessorCount; i++)
        {
            (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(Selector);
            client.Abort();
            accepted.Abort();
        }
    }
}
