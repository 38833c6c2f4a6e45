using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Serving;

/// <summary>Closing a listener that prepares connections, while they come, are prepared and are accepted.</summary>
public sealed class PreparedCloseTests(SelectorEngine engine) : TlsFixture(engine)
{
    private const int Clients = 12;
    private const int SideBySide = 4;

    public enum Way
    {
        Dispose,
        Stop,
        Cancel,
        DisposeManager,
    }

    [Test]
    public async Task A_listener_that_reads_PROXY_headers_can_be_closed_at_any_moment([Values] Way way)
    {
        byte[] header = Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n");
        await RaceAsync(
            200,
            way,
            selector => selector.Tcp().BindAsync("127.0.0.1", 0, UseProxy).AsTask(),
            async socket => await socket.SendAsync(header));
    }

    [Test]
    public async Task A_listener_that_speaks_TLS_can_be_closed_at_any_moment([Values] Way way)
    {
        await RaceAsync(
            20,
            way,
            async selector => (await selector.Tcp().BindAsync("127.0.0.1")).UseTls(ServerCertificate),
            async socket =>
            {
                var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
                await stream.AuthenticateAsClientAsync(Trusting());
            });
    }

    [Test]
    public async Task What_is_prepared_is_either_handed_out_or_reset_when_the_listener_closes_while_it_is_being_accepted([Values] Way way)
    {
        const int prepared = 48;
        for (int round = 0; round < 60; round++)
        {
            SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, UseProxy);
            using var first = new CancellationTokenSource();
            Task<Exception?> starting = server.AcceptAsync(first.Token).OutcomeAsync();
            await first.CancelAsync();
            await starting;
            Socket[] clients = await Task.WhenAll(Enumerable.Range(0, prepared).Select(_ => Peers.ConnectAsync(server.LocalEndPoint)));
            foreach (Socket client in clients)
            {
                await client.SendAsync("PROXY UNKNOWN\r\n"u8.ToArray());
            }

            await Waiting.UntilAsync(() => selector.Describe().Sockets.Count(socket => socket.BytesReceived > 0 || socket.WaitsFor is null) >= prepared);

            using var begin = new Barrier(2);
            Task<int> accepting = Task.Run(async () =>
            {
                begin.SignalAndWait();
                int accepted = 0;
                await foreach (StreamSocket socket in server.AcceptAllAsync())
                {
                    accepted++;
                    socket.Abort();
                }

                return accepted;
            });
            Task closing = Task.Run(async () =>
            {
                begin.SignalAndWait();
                await (way switch
                {
                    Way.Dispose or Way.Cancel => server.DisposeAsync().AsTask(),
                    Way.Stop => server.StopAsync(TimeSpan.Zero),
                    _ => selector.DisposeAsync().AsTask(),
                });
            });

            await closing.Soon();
            Assert.That(await accepting.Soon(), Is.LessThanOrEqualTo(prepared));
            // A connection whose preparation ends beside the close is reset by the thread that prepared it.
            await Waiting.UntilAsync(() => selector.Describe().Sockets.Count == 0, $"no socket is open in round {round}");
            foreach (Socket client in clients)
            {
                Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Success));
                client.Dispose();
            }

            await selector.DisposeAsync().Soon();
        }
    }

    [Test]
    public async Task What_is_prepared_and_was_not_asked_for_is_reset_when_the_listener_closes()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, UseProxy);
        using var first = new CancellationTokenSource();
        Task<StreamSocket> accepting = server.AcceptAsync(first.Token).AsTask();
        await first.CancelAsync();
        Assert.That(await ((Task)accepting).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        using Socket prepared = await Peers.ConnectAsync(server.LocalEndPoint);
        await prepared.SendAsync("PROXY UNKNOWN\r\n"u8.ToArray());
        using Socket unprepared = await Peers.ConnectAsync(server.LocalEndPoint);
        await Waiting.UntilAsync(() => Selector.Describe().Sockets.Count(socket => socket.Kind == "connection") == 2);

        await server.DisposeAsync();

        Assert.That(await prepared.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(await unprepared.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(Selector.Describe().Sockets, Is.Empty);
    }

    private static void UseProxy(TcpListenerOptions options)
    {
        options.ProxyProtocol = new ProxyProtocolOptions();
        options.ProxyProtocol.TrustedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
    }

    private async Task RaceAsync(int rounds, Way way, Func<SelectorManager, Task<ServerSocket>> bind, Func<Socket, Task> greet)
    {
        // A first round opens what stays open. Of the others there are always some under way.
        await RoundsAsync(0, 1);
        int before = Descriptors.Count();
        await Task.WhenAll(Enumerable.Range(1, SideBySide).Select(from => Task.Run(() => RoundsAsync(from, rounds / SideBySide))));
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);

        async Task RoundsAsync(int seed, int count)
        {
            var random = new Random(4711 + seed);
            for (int round = 0; round < count; round++)
            {
                await RoundAsync(way, bind, greet, random.Next(Clients), $"round {seed}.{round}");
            }
        }
    }

    private async Task RoundAsync(Way way, Func<SelectorManager, Task<ServerSocket>> bind, Func<Socket, Task> greet, int closeAt, string name)
    {
        SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 2 });
        ServerSocket server = await bind(selector);
        EndPoint at = server.LocalEndPoint;
        using var stop = new CancellationTokenSource();
        int served = 0;
        Task<Exception?> accepting = way == Way.Cancel
            ? server.ServeAsync((_, _) => Task.FromResult(Interlocked.Increment(ref served)), new ServeOptions { Grace = TimeSpan.Zero }, stop.Token).OutcomeAsync()
            : AcceptAsync(server, () => Interlocked.Increment(ref served)).OutcomeAsync();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(() => ConnectAsync(at, greet)))];
        await Waiting.UntilAsync(() => Volatile.Read(ref served) >= closeAt || accepting.IsCompleted);

        Task closing = way switch
        {
            Way.Dispose => server.DisposeAsync().AsTask(),
            Way.Stop => server.StopAsync(TimeSpan.Zero),
            Way.Cancel => Task.Run(stop.Cancel),
            _ => selector.DisposeAsync().AsTask(),
        };

        await closing.Soon();
        Assert.That(await accepting, Is.Null, name);
        await Task.WhenAll(clients).Soon();
        await selector.DisposeAsync().Soon();
    }

    private static async Task AcceptAsync(ServerSocket server, Func<int> accepted)
    {
        await foreach (StreamSocket socket in server.AcceptAllAsync())
        {
            socket.Abort();
            accepted();
        }
    }

    // Ends when the server does, whatever comes of it.
    private static async Task ConnectAsync(EndPoint at, Func<Socket, Task> greet)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(at);
            await greet(socket);
            await socket.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // Refused or reset, as it has to be.
        }
    }
}
