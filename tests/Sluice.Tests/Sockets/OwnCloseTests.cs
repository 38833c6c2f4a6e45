using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Sockets;

/// <summary>What a call is thrown that our own close hits: it is disposed of, it says what closed it, and it never looks like the peer's doing.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class OwnCloseTests(SelectorEngine engine) : TlsFixture(engine)
{
    private const int Rounds = 40;

    public enum Kind
    {
        Tcp,
        Tls,
        Unix,
        Memory,
        MemoryTls,
    }

    public enum Close
    {
        Abort,
        CloseAsync,
        DisposeManager,
    }

    [Test]
    public async Task A_read_or_a_write_against_our_own_close_says_what_closed_it(
        [Values] Kind kind, [Values] Close close, [Values] bool reads)
    {
        if (close == Close.DisposeManager && kind is Kind.Memory or Kind.MemoryTls)
        {
            return;
        }

        await using SelectorManager lasting = CreateManager();
        for (int i = 0; i < (close == Close.DisposeManager ? 5 : Rounds); i++)
        {
            await using SelectorManager? ownManager = close == Close.DisposeManager ? CreateManager() : null;
            SelectorManager manager = ownManager ?? lasting;
            (Connection near, Connection far) = await PairAsync(kind, manager);
            Task peer = Task.Run(() => PeerAsync(far, writes: reads));
            Task<Exception> failing = Task.Run(() => FailAsync(near, reads));
            // Each round closes at another moment of the calls.
            await Task.Delay(i % 4);
            switch (close)
            {
                case Close.Abort:
                    near.Abort();
                    break;
                case Close.CloseAsync:
                    Task closing = near.CloseAsync().AsTask();
                    await failing.Soon();
                    far.Abort();
                    await closing.Soon();
                    break;
                default:
                    await manager.DisposeAsync().AsTask().Soon();
                    break;
            }

            Exception failure = await failing.Soon();
            Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"round {i}: {failure}");
            Assert.That(failure.InnerException, Is.Null, $"round {i}: {failure}");
            Assert.That(failure.Message, Does.Contain(close switch
            {
                Close.Abort => "was aborted by Abort",
                Close.CloseAsync => "was closed by CloseAsync",
                _ => "because its SelectorManager was disposed",
            }));

            far.Abort();
            await peer.Soon();
        }
    }

    [Test]
    public async Task A_write_at_any_moment_of_our_own_close_says_what_closed_it(
        [Values(Kind.Tcp, Kind.Memory)] Kind kind, [Values(Close.Abort, Close.CloseAsync)] Close close)
    {
        byte[] one = new byte[1];
        for (int i = 0; i < 200; i++)
        {
            (Connection near, Connection far) = await PairAsync(kind, Selector);
            Task<Exception?> peer = far.Input.SkipAsync(long.MaxValue).OutcomeAsync();
            using var begun = new ManualResetEventSlim();
            Task<Exception?> writing = Task.Run(async () =>
            {
                while (true)
                {
                    await near.Output.WriteAsync(one);
                    await near.Output.FlushAsync();
                    begun.Set();
                }
            }).OutcomeAsync();
            begun.Wait(Patience);
            if (close == Close.Abort)
            {
                near.Abort();
            }
            else
            {
                await near.CloseAsync().AsTask().Soon();
            }

            Exception? failure = await writing.Soon();
            Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"round {i}: {failure}");
            Assert.That(failure!.InnerException, Is.Null, $"round {i}: {failure}");
            Assert.That(failure.Message, Does.Contain(close == Close.Abort ? "was aborted by Abort" : "was closed by CloseAsync"), $"round {i}");
            await peer.Soon();
            far.Abort();
        }
    }

    [Test]
    public async Task A_handshake_against_our_own_abort_is_disposed_of([Values] bool server)
    {
        for (int i = 0; i < Rounds; i++)
        {
            (Connection near, Connection far) = await ConnectPairAsync();
            Task<Connection> starting = server ? near.UpgradeToTlsServerAsync(Serving()).AsTask() : near.UpgradeToTlsClientAsync(Trusting()).AsTask();
            // Each round aborts at another moment of the handshake.
            await Task.Delay(i % 3);
            near.Abort();
            ObjectDisposedException failure = Assert.ThrowsAsync<ObjectDisposedException>(() => starting.Soon())!;
            Assert.That(failure.Message, Does.Contain("was aborted by Abort"));
            far.Abort();
        }
    }

    [Test]
    public async Task A_handler_is_told_that_its_server_was_stopped()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(async (connection, _) => failed.SetResult(await FailAsync(connection, reads: true)));
        using Socket peer = await Peers.ConnectAsync(server.LocalEndPoint);
        await Waiting.UntilAsync(() => Selector.Describe().Sockets.Any(socket => socket.WaitsFor == "data"));
        await server.StopAsync(TimeSpan.Zero).Soon();
        Exception failure = await failed.Task.Soon();
        Assert.That(failure, Is.TypeOf<ObjectDisposedException>());
        Assert.That(failure.Message, Does.Contain("because its server was stopped").And.Contain($"{peer.LocalEndPoint}"));
        await serving.Soon();
    }

    [Test]
    public async Task An_accept_and_a_receive_say_what_closed_them([Values] bool manager)
    {
        for (int i = 0; i < 10; i++)
        {
            await using SelectorManager selector = CreateManager();
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            DatagramSocket datagrams = await selector.Udp().BindAsync("127.0.0.1");
            EndPoint[] ends = [server.LocalEndPoint, datagrams.LocalEndPoint];
            Task<Exception?>[] calls = [server.AcceptAsync().OutcomeAsync(), datagrams.ReceiveAsync().OutcomeAsync()];
            // Each round closes at another moment of the calls.
            await Task.Delay(i % 3);
            if (manager)
            {
                await selector.DisposeAsync().AsTask().Soon();
            }
            else
            {
                await server.DisposeAsync();
                await datagrams.DisposeAsync();
            }

            for (int call = 0; call < calls.Length; call++)
            {
                Exception? failure = await calls[call].Soon();
                Assert.That(failure, Is.TypeOf<ObjectDisposedException>());
                Assert.That(failure!.Message, Does.Contain(manager ? "SelectorManager was disposed" : "DisposeAsync").And.Contain($"{ends[call]}"));
            }
        }
    }

    [Test]
    public async Task A_connect_says_that_its_manager_was_disposed([Values("full", "tls", "socks")] string how)
    {
        using FullListener full = await FullListener.CreateAsync();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var at = (IPEndPoint)silent.LocalEndPoint!;
        for (int i = 0; i < 10; i++)
        {
            await using SelectorManager manager = CreateManager();
            Task connecting = how switch
            {
                "full" => manager.Tcp().ConnectAsync(full.EndPoint).AsTask(),
                "tls" => manager.Tcp().ConnectTlsAsync("127.0.0.1", at.Port, Trusting()).AsTask(),
                _ => manager.Tcp().ViaSocks5(at).ConnectAsync("localhost", 80).AsTask(),
            };
            // Each round closes at another moment of the connect.
            await Task.Delay(10 * (i % 3));
            await manager.DisposeAsync().AsTask().Soon();
            Exception? failure = await connecting.OutcomeAsync();
            Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"round {i}");
            Assert.That(failure!.Message, Does.Contain(nameof(SelectorManager)), $"round {i}: {failure}");
        }
    }

    [Test]
    public async Task A_connect_or_a_bind_that_its_manager_ends_at_any_moment_names_the_manager_and_no_descriptor(
        [Values("address", "name", "socks", "bind", "udp bind", "udp connect", "unix bind", "unix pair", "unix datagram")] string how)
    {
        if (how == "unix datagram" && OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no datagrams for Unix domain sockets.");
        }

        using var folder = new UnixFolder();
        await using SelectorManager lasting = CreateManager();
        await using ServerSocket server = await lasting.Tcp().BindAsync("127.0.0.1");
        var at = (IPEndPoint)server.LocalEndPoint;
        for (int i = 0; i < 2 * Rounds; i++)
        {
            await using SelectorManager manager = CreateManager();
            Task connecting = Task.Run(() => how switch
            {
                "address" => manager.Tcp().ConnectAsync(at).AsTask(),
                "name" => manager.Tcp().ConnectAsync("localhost", at.Port).AsTask(),
                "bind" => manager.Tcp().BindAsync("127.0.0.1").AsTask(),
                "udp bind" => manager.Udp().BindAsync("127.0.0.1").AsTask(),
                "udp connect" => manager.Udp().ConnectAsync("127.0.0.1", at.Port).AsTask(),
                "unix bind" => manager.Unix().BindAsync(folder[$"{i}"]).AsTask(),
                "unix pair" => manager.Unix().CreatePairAsync().AsTask(),
                "unix datagram" => manager.Unix().BindDatagramAsync(folder[$"{i}"]).AsTask(),
                _ => manager.Tcp().ViaSocks5(at).ConnectAsync("localhost", 80).AsTask(),
            });

            // Each round disposes at another moment of the call, which takes some tens of microseconds.
            for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromMicroseconds(5 * i);)
            {
                Thread.SpinWait(5);
            }

            await manager.DisposeAsync().AsTask().Soon();
            Exception? failure = await connecting.OutcomeAsync();
            if (failure is not null)
            {
                Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"round {i}");
                Assert.That(failure.Message, Does.Contain(nameof(SelectorManager)), $"round {i}");
            }
        }
    }

    private static async Task<Exception> FailAsync(Connection connection, bool reads)
    {
        byte[] buffer = new byte[3000];
        try
        {
            while (!reads || await connection.Input.ReadAsync(buffer) > 0)
            {
                if (!reads)
                {
                    await connection.Output.WriteAsync(new byte[100_000]);
                }
            }

            return new EndOfStreamException("It ended as if properly.");
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static async Task PeerAsync(Connection far, bool writes)
    {
        try
        {
            while (writes)
            {
                await far.Output.WriteAsync(new byte[8000]);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
        }
    }

    private async Task<(Connection Near, Connection Far)> PairAsync(Kind kind, SelectorManager manager)
    {
        (Connection near, Connection far) = kind switch
        {
            Kind.Memory or Kind.MemoryTls => ByteChannel.CreateConnectedPair(),
            Kind.Unix => await UnixPairAsync(manager),
            _ => await TcpPairAsync(manager),
        };
        if (kind is not (Kind.Tls or Kind.MemoryTls))
        {
            return (near, far);
        }

        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        return (await near.UpgradeToTlsClientAsync(Trusting()).Soon(), await serving.Soon());
    }

    private static async Task<(Connection Near, Connection Far)> UnixPairAsync(SelectorManager manager)
    {
        (StreamSocket first, StreamSocket second) = await manager.Unix().CreatePairAsync();
        return (first.OpenConnection(), second.OpenConnection());
    }

    // The peer is another manager's, so that it outlives ours.
    private async Task<(Connection Near, Connection Far)> TcpPairAsync(SelectorManager manager)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        StreamSocket near = await manager.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        return (near.OpenConnection(), (await accepting.Soon()).OpenConnection());
    }
}
