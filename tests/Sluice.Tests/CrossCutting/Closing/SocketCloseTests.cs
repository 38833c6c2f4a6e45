using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>Every member of a socket that needs it open, against every way to close it, at every moment: the caller is told what closed it.</summary>
[Platform(Include = "Linux", Reason = "Options are numbers of the system, and not every system passes descriptors.")]
[Parallelizable(ParallelScope.All)]
public sealed class SocketCloseTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Rounds = 6;

    private static readonly CloseKind[] s_streamCloses = [CloseKind.Abort, CloseKind.CloseAsync, CloseKind.DisposeManager];
    private static readonly bool[] s_families = [false, true];
    private static readonly CloseKind[] s_closes = [CloseKind.DisposeAsync, CloseKind.DisposeManager];

    public static IEnumerable<TestCaseData> Streams =>
        from name in SocketCalls.Streams.Keys
        from close in s_streamCloses
        from unix in s_families
        where name switch
        {
            "SendHandlesAsync" or "ReceiveHandlesAsync" or "PeerCredentials" => unix,
            "GetTcpInfo" => !unix,
            _ => true,
        }
        select new TestCaseData(name, close, unix);

    public static IEnumerable<TestCaseData> Servers =>
        from name in SocketCalls.Servers.Keys from close in s_closes from unix in s_families select new TestCaseData(name, close, unix);

    public static IEnumerable<TestCaseData> Datagrams =>
        from name in SocketCalls.Datagrams.Keys
        from close in s_closes
        from unix in s_families
        where !unix || name is not ("TimeToLive" or "set TimeToLive" or "MulticastLoopback" or "JoinGroup")
        select new TestCaseData(name, close, unix);

    [TestCaseSource(nameof(Streams))]
    public async Task A_stream_socket_at_any_moment_of_a_close_says_what_closed_it(string name, CloseKind close, bool unix)
    {
        for (int i = 0; i < Rounds; i++)
        {
            await using SelectorManager manager = CreateManager();
            (StreamSocket near, StreamSocket far) = await PairAsync(manager, unix);
            if (name == "ReceiveHandlesAsync")
            {
                ByteWriteChannel output = far.OpenWriteChannel(autoFlush: true);
                _ = Task.Run(async () =>
                {
                    while (true)
                    {
                        await output.WriteAsync(new byte[10]);
                    }
                }).OutcomeAsync();
            }

            if (name == "SendHandlesAsync")
            {
                _ = far.OpenReadChannel().SkipAsync(long.MaxValue).OutcomeAsync();
            }

            Func<Task> closeAsync = () => close switch
            {
                CloseKind.Abort => Task.Run(near.Abort),
                CloseKind.CloseAsync => near.CloseAsync().AsTask(),
                _ => manager.DisposeAsync().AsTask(),
            };
            await CheckAsync(() => SocketCalls.Streams[name](near), i, close, name, closeAsync, far.Abort);
        }
    }

    [TestCaseSource(nameof(Servers))]
    public async Task A_server_at_any_moment_of_a_close_says_what_closed_it(string name, CloseKind close, bool unix)
    {
        for (int i = 0; i < Rounds; i++)
        {
            using var folder = new UnixFolder();
            await using SelectorManager manager = CreateManager();
            ServerSocket server = unix ? await manager.Unix().BindAsync(folder["s"]) : await manager.Tcp().BindAsync("127.0.0.1");
            await CheckAsync(
                () => SocketCalls.Servers[name](server),
                i,
                close,
                name,
                () => close == CloseKind.DisposeManager ? manager.DisposeAsync().AsTask() : server.DisposeAsync().AsTask());
        }
    }

    [TestCaseSource(nameof(Datagrams))]
    public async Task A_datagram_socket_at_any_moment_of_a_close_says_what_closed_it(string name, CloseKind close, bool unix)
    {
        for (int i = 0; i < Rounds; i++)
        {
            using var folder = new UnixFolder();
            await using SelectorManager manager = CreateManager();
            DatagramSocket near = unix ? await manager.Unix().BindDatagramAsync(folder["near"]) : await manager.Udp().BindAsync("127.0.0.1");
            await using DatagramSocket far = unix ? await Selector.Unix().BindDatagramAsync(folder["far"]) : await Selector.Udp().BindAsync("127.0.0.1");
            EndPoint at = far.LocalEndPoint;
            EndPoint? to = i % 2 == 0 ? null : near.LocalEndPoint;
            Task sending = to is null || !name.StartsWith("Receive", StringComparison.Ordinal) ? Task.CompletedTask : Task.Run(async () =>
            {
                while (true)
                {
                    await far.SendAsync(new byte[10], to);
                }
            });
            Task draining = Task.Run(async () =>
            {
                while (true)
                {
                    await far.ReceiveAsync(new byte[10]);
                }
            }).OutcomeAsync();
            await CheckAsync(
                () => SocketCalls.Datagrams[name](near, at),
                i,
                close,
                name,
                () => close == CloseKind.DisposeManager ? manager.DisposeAsync().AsTask() : near.DisposeAsync().AsTask());
            await far.DisposeAsync();
            await draining;
            await sending.OutcomeAsync();
        }
    }

    [Test]
    public async Task A_closed_socket_has_its_local_end_point_or_says_what_closed_it([ValueSource(nameof(s_closes))] CloseKind close)
    {
        await using SelectorManager manager = CreateManager();
        (StreamSocket near, StreamSocket far) = await PairAsync(manager, unix: false);
        DatagramSocket datagrams = await manager.Udp().BindAsync("127.0.0.1");
        if (close == CloseKind.DisposeManager)
        {
            await manager.DisposeAsync().AsTask().Soon();
        }
        else
        {
            await near.DisposeAsync().AsTask().Soon();
            await datagrams.DisposeAsync();
        }

        Assert.That(((IPEndPoint)datagrams.LocalEndPoint).Port, Is.EqualTo(datagrams.Port).And.Not.Zero);
        Assert.That(() => near.LocalEndPoint, Throws.TypeOf<ObjectDisposedException>().With.Message.Contains(Reason(close)));
        far.Abort();
    }

    private static string Reason(CloseKind close) => close switch
    {
        CloseKind.Abort => "was aborted by Abort",
        CloseKind.DisposeManager => "because its SelectorManager was disposed",
        _ => "was closed by CloseAsync or DisposeAsync",
    };

    private static async Task CheckAsync(Func<Task> call, int round, CloseKind close, string name, Func<Task> closeAsync, Action? endPeer = null)
    {
        using var begun = new ManualResetEventSlim();

        // Not on the thread pool, which a call that never waits would keep from others.
        Task<Exception?> calls = Task.Factory.StartNew(async () =>
        {
            while (true)
            {
                try
                {
                    begun.Set();
                    await call();
                }
                catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
                {
                }
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap().OutcomeAsync();
        begun.Wait(Patience);
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromMicroseconds(14 * round);)
        {
            Thread.SpinWait(5);
        }

        Task closing = closeAsync();
        Exception? failure = await calls.Soon();
        endPeer?.Invoke();
        await closing.Soon();
        Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"{name}, round {round}: {failure}");
        Assert.That(failure!.InnerException, Is.Null);
        string reason = close == CloseKind.DisposeManager && SocketCalls.Servers.ContainsKey(name) ? nameof(SelectorManager) : Reason(close);
        Assert.That(failure.Message, Does.Contain(reason), $"{name}, round {round}: {failure}");
        Assert.That(failure.Message, Does.Not.Contain("no longer known"), name);
    }

    private SelectorManager CreateManager() => new(new SelectorOptions { Engine = Engine, LoopCount = 1 });

    private async Task<(StreamSocket Near, StreamSocket Far)> PairAsync(SelectorManager manager, bool unix)
    {
        using var folder = new UnixFolder();
        await using ServerSocket server = unix ? await Selector.Unix().BindAsync(folder["s"]) : await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        StreamSocket near = unix ? await manager.Unix().ConnectAsync(folder["s"]) : await manager.Tcp().ConnectAsync(server.LocalEndPoint);
        return (near, await accepting.Soon());
    }
}
