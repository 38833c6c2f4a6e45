using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Serving;

[Platform("Linux")]
public sealed class HandOverTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_server_restarts_ten_times_and_no_client_is_refused_or_reset([Values] bool unix)
    {
        ChildProcess current = ChildProcess.Start(["succeed", Engine.ToString(), unix ? _folder["s"] : "127.0.0.1:0", _folder["door"]]);
        string started = await current.ReadLineAsync();
        Assert.That(started, Does.StartWith("bound "));
        EndPoint endPoint = unix ? new UnixDomainSocketEndPoint(_folder["s"]) : IPEndPoint.Parse(started.Split(' ')[1]);
        var servers = new HashSet<string>();
        int asked = 0;
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                string server = await AskAsync(endPoint);
                lock (servers)
                {
                    servers.Add(server);
                    asked++;
                }
            }
        }))];

        for (int i = 1; i <= 10; i++)
        {
            await WaitUntilServedByAsync(i);
            ChildProcess next = ChildProcess.Start(["succeed", Engine.ToString(), "-", _folder["door"]]);
            Task<string> taking = next.ReadLineAsync();
            Task first = await Task.WhenAny([taking, .. clients]).Soon();
            await first;
            Assert.That(await taking.Soon(), Does.StartWith("taken "));
            Assert.That(await current.ReadLineAsync(), Is.EqualTo("done"));
            await current.DisposeAsync();
            current = next;
        }

        await WaitUntilServedByAsync(11);
        await stop.CancelAsync();
        await Task.WhenAll(clients).Soon();
        TestContext.Out.WriteLine($"{asked} connections to {servers.Count} servers");
        await using ChildProcess last = ChildProcess.Start(["succeed", Engine.ToString(), "-", _folder["door"]]);
        Assert.That(await last.ReadLineAsync(), Does.StartWith("taken "));
        await current.DisposeAsync();
        last.Kill();

        Task WaitUntilServedByAsync(int count) => Waiting.UntilAsync(() =>
        {
            lock (servers)
            {
                return servers.Count >= count || clients.Any(client => client.IsCompleted);
            }
        });
    }

    [Test]
    public async Task Connections_that_wait_or_are_being_served_are_not_lost()
    {
        await using SelectorManager successor = CreateManager();
        ServerSocket old = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = old.ServeAsync(EchoAsync, new ServeOptions { MaxConnections = 1, Grace = Patience });
        using Socket served = await Peers.ConnectAsync(old.LocalEndPoint);
        await served.SendAsync("1\n"u8.ToArray());
        Assert.That(await served.ReceiveAsync(new byte[10]), Is.GreaterThan(0));
        using Socket waiting = await Peers.ConnectAsync(old.LocalEndPoint);

        Task handing = old.HandOverAsync(_folder["door"]);
        ServerSocket fresh = await successor.TakeOverAsync(_folder["door"]).Soon();
        await handing.Soon();

        Assert.That(old.IsClosed, Is.True);
        Assert.That(fresh.LocalEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Loopback, fresh.Port)));
        Assert.That(Path.Exists(_folder["door"]), Is.False);
        Task more = fresh.ServeAsync(EchoAsync);
        await waiting.SendAsync("2\n"u8.ToArray());
        Assert.That(await waiting.ReceiveAsync(new byte[10]).Soon(), Is.GreaterThan(0));
        await served.SendAsync("3\n"u8.ToArray());
        Assert.That(await served.ReceiveAsync(new byte[10]).Soon(), Is.GreaterThan(0));
        Assert.That(serving.IsCompleted, Is.False);
        served.Dispose();
        waiting.Dispose();
        await serving.Soon();
        await fresh.StopAsync(Patience).Soon();
        await more.Soon();
    }

    [Test]
    public async Task What_was_accepted_and_waits_for_its_turn_is_served_here()
    {
        ServerSocket[] servers = [await Selector.Tcp().BindAsync("127.0.0.1"), await Selector.Tcp().BindAsync("127.0.0.1")];
        Task serving = servers.ServeAsync(EchoAsync, new ServeOptions { MaxConnections = 1 });
        using Socket served = await Peers.ConnectAsync(servers[0].LocalEndPoint);
        await served.SendAsync("x\n"u8.ToArray());
        Assert.That(await served.ReceiveAsync(new byte[3]).Soon(), Is.Positive);
        using Socket waiting = await Peers.ConnectAsync(servers[1].LocalEndPoint);
        await waiting.SendAsync("y\n"u8.ToArray());
        await Waiting.UntilAsync(() => Selector.Sockets.Open.Count == 4);
        (StreamSocket here, StreamSocket there) = await Selector.Unix().CreatePairAsync();

        Task handingOver = servers[1].HandOverAsync(here);
        await using ServerSocket fresh = await Selector.TakeOverAsync(there).Soon();
        await handingOver.Soon();

        Assert.That(await waiting.ReceiveAsync(new byte[3]).Soon(), Is.Positive);
        waiting.Shutdown(SocketShutdown.Both);
        served.Shutdown(SocketShutdown.Both);
        await servers[0].StopAsync(Patience).Soon();
        await serving.Soon();

        static async Task EchoAsync(Connection connection, CancellationToken token)
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);
            }
        }
    }

    [Test]
    public async Task Accepting_by_hand_gets_what_came_until_the_end()
    {
        for (int round = 0; round < 30; round++)
        {
            await using SelectorManager successor = CreateManager();
            ServerSocket old = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
            EndPoint endPoint = old.LocalEndPoint;
            int accepted = 0;
            Task accepting = AcceptAsync(old);
            using var stop = new CancellationTokenSource();
            int connected = 0;
            Task connecting = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using Socket socket = await Peers.ConnectAsync(endPoint);
                    connected++;
                    await socket.ReadToEndAsync();
                }
            });
            await Waiting.UntilAsync(() => Volatile.Read(ref accepted) > 3);
            (StreamSocket here, StreamSocket there) = await Selector.Unix().CreatePairAsync().Soon();
            Task handing = old.HandOverAsync(here);
            ServerSocket fresh = await successor.TakeOverAsync(there).Soon();
            Task acceptingThere = AcceptAsync(fresh);
            await handing.Soon();
            await accepting.Soon();
            int before = Volatile.Read(ref accepted);
            await Waiting.UntilAsync(() => Volatile.Read(ref accepted) > before + 3);
            await stop.CancelAsync();
            await connecting.Soon();
            await fresh.DisposeAsync();
            await acceptingThere.Soon();
            Assert.That(accepted, Is.EqualTo(connected));

            async Task AcceptAsync(ServerSocket server)
            {
                try
                {
                    while (true)
                    {
                        StreamSocket socket = await server.AcceptAsync();
                        Interlocked.Increment(ref accepted);
                        await socket.CloseAsync();
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }
        }
    }

    [Test]
    public async Task A_stranger_at_the_door_changes_nothing()
    {
        ServerSocket old = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        Task serving = old.ServeAsync(EchoAsync);
        Task handing = old.HandOverAsync(_folder["door"]);
        await Waiting.UntilAsync(() => Path.Exists(_folder["door"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(_folder["door"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        await (await Selector.Unix().ConnectAsync(_folder["door"]).Soon()).CloseAsync().Soon();
        StreamSocket wrong = await Selector.Unix().ConnectAsync(_folder["door"]).Soon();
        await wrong.OpenConnection().Output.WriteLineAsync("hello").Soon();
        await wrong.CloseAsync().Soon();
        using (Socket client = await Peers.ConnectAsync(old.LocalEndPoint))
        {
            await client.SendAsync("1\n"u8.ToArray());
            Assert.That(await client.ReceiveAsync(new byte[10]).Soon(), Is.GreaterThan(0));
        }

        Assert.That(handing.IsCompleted, Is.False);
        await using ServerSocket fresh = await Selector.TakeOverAsync(_folder["door"]).Soon();
        await handing.Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_hand_over_that_is_given_up_leaves_the_server_as_it_was()
    {
        ServerSocket old = await Selector.Unix().BindAsync(_folder["s"]).Soon();
        using var cancellation = new CancellationTokenSource();
        Task handing = old.HandOverAsync(_folder["door"], cancellation.Token);
        await Waiting.UntilAsync(() => Path.Exists(_folder["door"]));
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await handing.Soon());
        Assert.That(Path.Exists(_folder["door"]), Is.False);
        Task<StreamSocket> accepting = old.AcceptAsync().AsTask();
        await Selector.Unix().ConnectAsync(_folder["s"]).Soon();
        await accepting.Soon();

        Task again = old.HandOverAsync(_folder["door"]);
        await old.DisposeAsync();
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await again.Soon());
        Assert.That(Path.Exists(_folder["s"]), Is.False);
        Assert.That(await Selector.TryTakeOverAsync(_folder["door"]).Soon(), Is.Null);
        Assert.ThrowsAsync<SocketException>(async () => await Selector.TakeOverAsync(_folder["door"]).Soon());
    }

    [Test]
    public async Task The_file_of_a_unix_server_goes_over_and_goes_with_the_successor()
    {
        ServerSocket old = await Selector.Unix().BindAsync(_folder["s"]).Soon();
        Task handing = old.HandOverAsync(_folder["door"]);
        ServerSocket fresh = await Selector.TakeOverAsync(_folder["door"]).Soon();
        await handing.Soon();
        Assert.That(Path.Exists(_folder["s"]), Is.True);
        Task<StreamSocket> accepting = fresh.AcceptAsync().AsTask();
        await Selector.Unix().ConnectAsync(_folder["s"]).Soon();
        await accepting.Soon();
        await fresh.DisposeAsync();
        Assert.That(Path.Exists(_folder["s"]), Is.False);
    }

    [Test]
    public async Task What_offers_no_listener_is_refused()
    {
        await using ServerSocket door = await Selector.Unix().BindAsync(_folder["door"]).Soon();
        foreach (string said in (string[])["", "HTTP/1.1 400 Bad Request\r\n", "sluice listener1\0\0\0", "sluice listener1\0ÿÿ"])
        {
            Task<ServerSocket> taking = Selector.TakeOverAsync(_folder["door"]);
            await using (StreamSocket connection = await door.AcceptAsync().Soon())
            {
                await connection.OpenWriteChannel(autoFlush: true).WriteStringAsync(said, System.Text.Encoding.Latin1).Soon();
            }

            Exception? failure = await taking.OutcomeAsync();
            Assert.That(failure, said.Length == 0 ? Is.TypeOf<EndOfStreamException>() : Is.TypeOf<InvalidDataException>());
        }
    }

    private static async Task<string> AskAsync(EndPoint endPoint)
    {
        using var socket = new Socket(
            endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(endPoint).Soon();
        await socket.SendAsync("hello\n"u8.ToArray());
        using var stream = new NetworkStream(socket);
        socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        string answer = await reader.ReadToEndAsync().Soon();
        return answer.EndsWith(" hello\r\n", StringComparison.Ordinal) || answer.EndsWith(" hello\n", StringComparison.Ordinal)
            ? answer.Split(' ')[0]
            : throw new InvalidDataException($"The answer is '{answer}'.");
    }

    private static async Task EchoAsync(Connection connection, CancellationToken token)
    {
        while (await connection.Input.ReadLineAsync(token) is { } line)
        {
            await connection.Output.WriteLineAsync(line, token);
        }
    }
}
