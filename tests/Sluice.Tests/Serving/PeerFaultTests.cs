using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Sluice.Tests.Serving;

/// <summary>What a peer does is no error of the handler's.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PeerFaultTests(SelectorEngine engine) : LoggedFixture(engine)
{
    private readonly ConcurrentQueue<(Exception Exception, bool IsPeerFault)> _told = [];

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Case("a reset", ReadLineAsync, Reset);
        yield return Case("a reset while writing", FloodAsync, Reset);
        yield return Case("an early end", (connection, token) => connection.Input.ReadExactlyAsync(new byte[10], token).AsTask(), Close);
        yield return Case("a line too long", (connection, token) => connection.Input.ReadLineAsync(new LineReadOptions { MaxLength = 4 }, token).AsTask(), Send("much too long\n"));
        yield return Case("a malformed number", async (connection, token) => await connection.Input.ReadVarIntAsync<uint>(token), Send("\xff\xff\xff\xff\xff\xff"));
        yield return Case("malformed text", async (connection, token) => await connection.Input.ReadLineAsync(new LineReadOptions { Encoding = new UTF8Encoding(false, true) }, token), Send("\xff\xfe\n"));
        yield return Case("a silent peer", (connection, token) => connection.Input.ReadLineAsync(token).AsTask(), Send(""), TimeSpan.FromMilliseconds(50));
        yield return Case("an abort of its own", async (connection, token) =>
        {
            await connection.Input.ReadLineAsync(token);
            connection.Abort();
            await connection.Output.WriteLineAsync("too late", token);
        }, Send("abort\n"));
        yield return Case("a patience of its own", async (connection, _) =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            await connection.Input.ReadLineAsync(patience.Token);
        }, Send(""));
        yield return Case("no handshake", async (connection, token) =>
        {
            await connection.UpgradeToTlsServerAsync(Serving(), null, token);
        }, Send("GET / HTTP/1.1\r\n\r\n"));
        yield return Case("no end of a handshake", async (connection, token) =>
        {
            var settings = new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(50) };
            await connection.UpgradeToTlsServerAsync(Serving(), settings, token);
        }, Send(""));
    }

    [TestCaseSource(nameof(Faults))]
    public async Task What_a_peer_does_is_logged_for_debugging_and_told_apart(
        Func<Connection, CancellationToken, Task> handler, Action<Socket> peer, TimeSpan? timeout)
    {
        await using ServerSocket server = await ServeAsync(handler, timeout);

        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        peer(client);

        await Waiting.UntilAsync(() => _told.Count == 1);
        Assert.That(_told.Single().IsPeerFault, Is.True, $"{_told.Single().Exception}");
        (string? _, string message, Exception? exception, LogLevel level) = Logged.Entries.Single(entry => entry.Event == "ConnectionFailed");
        Assert.That(exception, Is.Null);
        Assert.That(level, Is.EqualTo(LogLevel.Debug));
        Assert.That(message, Does.Contain(_told.Single().Exception.Message));
        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Debug), Is.Empty);
    }

#pragma warning disable CA2201 // As the runtime throws it.
    private static IEnumerable<Exception> Mistakes() =>
    [
        new InvalidOperationException("a mistake"), new NullReferenceException("a mistake"), new InvalidDataException("a mistake"), new FormatException("a mistake"),
        new ObjectDisposedException("something"), new FileNotFoundException("a mistake"), new SocketException((int)SocketError.ConnectionRefused),
        new IOException("No space left on device.", 28),
    ];
#pragma warning restore CA2201

    [TestCaseSource(nameof(Mistakes))]
    public async Task What_a_handler_does_wrong_is_an_error_with_its_stack(Exception mistake)
    {
        await using ServerSocket server = await ServeAsync((_, _) => throw mistake, timeout: null);

        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);

        await Waiting.UntilAsync(() => _told.Count == 1);
        Assert.That(_told.Single(), Is.EqualTo((mistake, false)));
        (string? name, string _, Exception? exception, LogLevel level) = Logged.Entries.Single(entry => entry.Level > LogLevel.Debug);
        Assert.That((name, exception, level), Is.EqualTo(("HandlerFailed", mistake, LogLevel.Error)));
    }

    [Test]
    public async Task A_scan_of_a_server_leaves_nothing_in_the_log_but_what_is_for_debugging([Values] bool tls, [Values] bool proxy)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options =>
            options.ProxyProtocol = proxy ? new ProxyProtocolOptions { TrustedNetworks = { System.Net.IPNetwork.Parse("127.0.0.0/8") } } : null);
        if (tls)
        {
            server.UseTls(ServerCertificate);
        }

        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                while (await connection.Input.ReadLineAsync(new LineReadOptions { MaxLength = 100 }, token) is { } line)
                {
                    await connection.Output.WriteLineAsync(line, token);
                }
            },
            new ServeOptions { OnError = (connection, exception) => _told.Enqueue((exception, connection.IsPeerFault(exception))) });
        Action<Socket>[] scans = [Close, Reset, Send("GET / HTTP/1.1\r\n\r\n"), Send("\x16\x03\x01\x02\x00\x01"), Send("PROXY garbage\r\n"), Send(new string('x', 4096))];
        foreach (Action<Socket> scan in scans)
        {
            Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            scan(client);
            client.Dispose();
        }

        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 1);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
        Assert.That(Logged.Entries.Where(entry => entry.Level > LogLevel.Debug || entry.Exception is not null), Is.Empty);
        Assert.That(_told.Where(entry => !entry.IsPeerFault), Is.Empty);
    }

    [Test]
    public void A_connection_in_memory_tells_them_apart_as_well()
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair();
        second.Abort();
        IOException reset = Assert.CatchAsync<IOException>(() => first.Input.ReadLineAsync().AsTask().Soon())!;
        Assert.That(first.IsPeerFault(reset), Is.True);
        Assert.That(first.IsPeerFault(new ObjectDisposedException("something")), Is.False);
        Assert.That(second.IsPeerFault(new ObjectDisposedException("something")), Is.True);
        Assert.That(first.Stopping.CanBeCanceled, Is.False);
    }

    private static TestCaseData Case(string name, Func<Connection, CancellationToken, Task> handler, Action<Socket> peer, TimeSpan? timeout = null) =>
        new TestCaseData(handler, peer, timeout).SetArgDisplayNames(name);

    private static Task ReadLineAsync(Connection connection, CancellationToken cancellationToken) => connection.Input.ReadLineAsync(cancellationToken).AsTask();

    private static async Task FloodAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await connection.Output.WriteAsync(new byte[10_000], cancellationToken);
            await connection.Output.FlushAsync(cancellationToken);
        }
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    private static void Close(Socket socket) => socket.Shutdown(SocketShutdown.Send);

    private static Action<Socket> Send(string text) => socket => socket.Send(Encoding.Latin1.GetBytes(text));

    private async Task<ServerSocket> ServeAsync(Func<Connection, CancellationToken, Task> handler, TimeSpan? timeout)
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => options.Accepted.SocketTimeout = timeout ?? Timeout.InfiniteTimeSpan).Soon();
        _ = server.ServeAsync(
            handler, new ServeOptions { OnError = (connection, exception) => _told.Enqueue((exception, connection.IsPeerFault(exception))) });
        return server;
    }
}
