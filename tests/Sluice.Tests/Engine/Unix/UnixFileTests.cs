using System.Net.Sockets;

namespace Sluice.Tests.Engine.Unix;

[Parallelizable(ParallelScope.All)]
public sealed class UnixFileTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task The_file_of_a_server_that_is_gone_is_replaced()
    {
        string path = _folder.Stale("s");
        await using ServerSocket server = await Selector.Unix().BindAsync(path).Soon();
        await Selector.Unix().ConnectAsync(path).Soon();
        await server.AcceptAsync().Soon();
        await server.DisposeAsync();
        Assert.That(Path.Exists(path), Is.False);
    }

    [Test]
    public async Task A_live_server_keeps_its_file_and_notices_nothing()
    {
        await using ServerSocket server = await Selector.Unix().BindAsync(_folder["s"]).Soon();
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();

        SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().BindAsync(_folder["s"]).Soon())!;

        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(exception.Message, Does.Contain(_folder["s"]).And.Contain("live"));
        await Selector.Unix().ConnectAsync(_folder["s"]).Soon();
        StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.PeerCredentials.ProcessId, Is.EqualTo(Environment.ProcessId));
        using var none = new CancellationTokenSource();
        Task<StreamSocket> more = server.AcceptAsync(none.Token).AsTask();
        Assert.That(more.IsCompleted, Is.False);
        await none.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await more.Soon());
    }

    [TestCase(SocketType.Stream)]
    [TestCase(SocketType.Dgram)]
    [TestCase(SocketType.Seqpacket)]
    public void One_that_is_bound_and_does_not_listen_or_is_of_another_type_is_alive_too(SocketType type)
    {
        using var other = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_folder["s"]));
        SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().BindAsync(_folder["s"]).Soon())!;
        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(Path.Exists(_folder["s"]), Is.True);
    }

    [TestCase("file")]
    [TestCase("folder")]
    [TestCase("link")]
    [TestCase("dangling")]
    public async Task What_is_no_socket_is_never_deleted(string kind)
    {
        string path = _folder["s"];
        switch (kind)
        {
            case "file":
                await File.WriteAllTextAsync(path, "precious");
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "link":
                File.CreateSymbolicLink(path, _folder.Stale("stale"));
                break;
            default:
                File.CreateSymbolicLink(path, _folder["nowhere"]);
                break;
        }

        SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().BindAsync(path).Soon())!;
        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(exception.Message, Does.Contain("no socket"));
        Assert.That(new FileInfo(path).Attributes, Is.Not.EqualTo((FileAttributes)(-1)));
    }

    [Test]
    public async Task Of_many_that_find_a_stale_file_at_once_one_wins_and_keeps_its_file()
    {
        for (int round = 0; round < 50; round++)
        {
            string path = _folder.Stale("s");
            using var start = new Barrier(8);
            Task<ServerSocket?>[] binding =
            [
                .. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                    async () =>
                    {
                        start.SignalAndWait();
                        try
                        {
                            return await Selector.Unix().BindAsync(path);
                        }
                        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
                        {
                            return null;
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default).Unwrap()),
            ];
            ServerSocket?[] bound = await Task.WhenAll(binding).Soon();
            ServerSocket winner = bound.Single(server => server is not null)!;
            Task<StreamSocket> accepting = winner.AcceptAsync().AsTask();
            await using StreamSocket client = await Selector.Unix().ConnectAsync(path).Soon();
            await using StreamSocket accepted = await accepting.Soon();
            await winner.DisposeAsync();
            Assert.That(Path.Exists(path), Is.False);
        }
    }

    [Test]
    public async Task Servers_that_come_and_go_never_take_the_file_from_one_that_lives()
    {
        string path = _folder["s"];
        int bound = 0;
        Task[] servers =
        [
            .. Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    try
                    {
                        // One in three leaves its file behind, as a crash does.
                        await using ServerSocket server = await Selector.Unix().BindAsync(path, options => options.DeleteOnClose = i % 3 != 0);
                        Assert.That(Interlocked.Increment(ref bound), Is.EqualTo(1));
                        await using StreamSocket client = await Selector.Unix().ConnectAsync(path);
                        await using StreamSocket accepted = await server.AcceptAsync().Soon();
                        Interlocked.Decrement(ref bound);
                    }
                    catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                    }
                }
            })),
        ];
        await Task.WhenAll(servers).Soon();
    }

    [Test]
    public async Task A_file_that_belongs_to_another_server_by_now_stays()
    {
        ServerSocket first = await Selector.Unix().BindAsync(_folder["s"]).Soon();
        File.Delete(_folder["s"]);
        await using ServerSocket second = await Selector.Unix().BindAsync(_folder["s"]).Soon();

        await first.DisposeAsync();

        Assert.That(Path.Exists(_folder["s"]), Is.True);
        await Selector.Unix().ConnectAsync(_folder["s"]).Soon();
    }

    [Test]
    public async Task The_file_stays_if_asked_and_the_next_server_replaces_it()
    {
        await using (await Selector.Unix().BindAsync(_folder["s"], options => options.DeleteOnClose = false).Soon())
        {
        }

        Assert.That(Path.Exists(_folder["s"]), Is.True);
        SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().ConnectAsync(_folder["s"]).Soon())!;
        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        await using ServerSocket next = await Selector.Unix().BindAsync(_folder["s"]).Soon();
    }

    [Test]
    public async Task The_file_has_the_mode_that_is_asked_for()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Files have no mode on Windows.");
            return;
        }

        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        await using ServerSocket server = await Selector.Unix().BindAsync(_folder["s"], options => options.FileMode = mode).Soon();
        Assert.That(File.GetUnixFileMode(_folder["s"]), Is.EqualTo(mode));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixListenerOptions().FileMode = (UnixFileMode)0x1000);
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixListenerOptions().Backlog = 0);
    }

    [Test]
    public void Errors_say_what_is_wrong_and_where()
    {
        Assert.That(Error(() => Selector.Unix().ConnectAsync(_folder["none"])), Is.EqualTo(SocketError.AddressNotAvailable));
        Assert.That(Error(() => Selector.Unix().ConnectAsync(_folder.Stale("s"))), Is.EqualTo(SocketError.ConnectionRefused));
        Assert.That(Error(() => Selector.Unix().BindAsync(_folder["none/s"])), Is.EqualTo(SocketError.AddressNotAvailable));
        using var datagram = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        datagram.Bind(new UnixDomainSocketEndPoint(_folder["d"]));
        Assert.That(Error(() => Selector.Unix().ConnectAsync(_folder["d"])), Is.EqualTo(SocketError.ProtocolType));

        static SocketError Error<T>(Func<ValueTask<T>> call)
        {
            SocketException exception = Assert.ThrowsAsync<SocketException>(async () => await call().Soon())!;
            Assert.That(exception.Message, Does.Contain("/"));
            return exception.SocketErrorCode;
        }
    }

    [Test]
    public void A_path_that_cannot_be_one_is_refused_before_anything()
    {
        string tooLong = _folder[new string('é', 60)];
        ArgumentException exception = Assert.Throws<ArgumentException>(() => Selector.Unix().BindAsync(tooLong).AsTask())!;
        Assert.That(exception.Message, Does.Contain("bytes"));
        Assert.Throws<ArgumentException>(() => Selector.Unix().ConnectAsync(tooLong).AsTask());
        Assert.Throws<ArgumentException>(() => Selector.Unix().BindAsync("").AsTask());
        Assert.Throws<ArgumentNullException>(() => Selector.Unix().BindAsync((string)null!).AsTask());
        Assert.Throws<ArgumentException>(() => Selector.Unix().BindAsync("a\0b").AsTask());
        Assert.Throws<ArgumentException>(() => Selector.Unix().BindAsync(new UnixDomainSocketEndPoint(_folder["a\0b"])).AsTask());
        Assert.Throws<ArgumentException>(() => Selector.Unix().ConnectAsync(new UnixDomainSocketEndPoint(_folder["a\0b"])).AsTask());
        Assert.Throws<ArgumentException>(() => Selector.Unix().BindAsync("\0" + new string('x', 108)).AsTask());
    }

    [Test]
    [Platform("Linux")]
    public async Task The_longest_names_there_can_be_work()
    {
        string path = _folder[new string('x', 107 - _folder.Path.Length - 1)];
        string name = ("\0" + Guid.NewGuid().ToString("n")).PadRight(108, 'x');
        foreach (string each in (string[])[path, name])
        {
            await using ServerSocket server = await Selector.Unix().BindAsync(each).Soon();
            await Selector.Unix().ConnectAsync(each).Soon();
            StreamSocket accepted = await server.AcceptAsync().Soon();
            Assert.That(accepted.LocalEndPoint, Is.EqualTo(server.LocalEndPoint));
        }
    }

    [Test]
    public async Task A_cancelled_bind_leaves_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await Selector.Unix().BindAsync(_folder["s"], null, cancellation.Token).Soon());
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
    }
}
