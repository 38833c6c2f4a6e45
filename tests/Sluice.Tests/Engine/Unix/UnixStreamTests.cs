using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Engine.Unix;

public sealed class UnixStreamTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly byte[] s_chunk = new byte[32 * 1024];

    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    private static IEnumerable<string> Names() => OperatingSystem.IsLinux() ? ["path", "abstract"] : ["path"];

    private string Name(string kind) => kind == "path" ? _folder["s"] : $"\0sluice-{Environment.ProcessId}-{Guid.NewGuid():n}";

    [Test]
    public async Task Lines_go_there_and_back([ValueSource(nameof(Names))] string kind)
    {
        string name = Name(kind);
        await using ServerSocket server = await Selector.Unix().BindAsync(name).Soon();
        Task serving = server.ServeAsync(EchoAsync);
        Assert.That(server.LocalEndPoint, Is.EqualTo(new UnixDomainSocketEndPoint(name)));
        Assert.That(server.Port, Is.Zero);

        await using StreamSocket client = await Selector.Unix().ConnectAsync(new UnixDomainSocketEndPoint(name)).Soon();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(new UnixDomainSocketEndPoint(name)));
        Assert.That(client.LocalEndPoint.ToString(), Is.Empty);
        Connection connection = client.OpenConnection();
        for (int i = 0; i < 100; i++)
        {
            await connection.Output.WriteLineAsync($"line {i}").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
        }

        await client.CloseAsync().Soon();
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task An_accepted_connection_knows_both_ends_even_after_the_close()
    {
        (StreamSocket client, StreamSocket accepted) = await ConnectUnixAsync();
        Assert.That(accepted.LocalEndPoint.ToString(), Is.EqualTo(_folder["s"]));
        await accepted.CloseAsync().Soon();
        Assert.That(accepted.RemoteEndPoint.ToString(), Is.Empty);
        await client.CloseAsync().Soon();
    }

    [Test]
    public async Task A_client_that_has_a_name_is_known_by_it()
    {
        await using ServerSocket server = await Selector.Unix().BindAsync(_folder["s"]).Soon();
        using var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        peer.Bind(new UnixDomainSocketEndPoint(_folder["a-client-with-a-rather-long-name"]));
        await peer.ConnectAsync(new UnixDomainSocketEndPoint(_folder["s"]));
        StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(accepted.RemoteEndPoint.ToString(), Is.EqualTo(_folder["a-client-with-a-rather-long-name"]));
    }

    [TestCase(10)]
    [TestCase(3_000_000)]
    public async Task Closing_sends_what_was_written_and_does_not_wait_until_it_is_read(int size)
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
        ByteWriteChannel output = ours.OpenWriteChannel();
        Task writing = output.WriteAsync(new byte[size]).AsTask();
        Task<long> reading = size > 1000 ? Task.Run(peer.ReadToEndAsync) : Task.FromResult(0L);
        await writing.Soon();

        await ours.CloseAsync().Soon();

        Assert.That(size > 1000 ? await reading.Soon() : await peer.ReadToEndAsync(), Is.EqualTo(size));
        peer.Dispose();
    }

    [Test]
    public async Task Closing_takes_no_time_although_the_peer_never_reads()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync(options => options.CloseTimeout = TimeSpan.FromHours(1));
        await ours.OpenWriteChannel().WriteAsync(new byte[1000]).Soon();
        await ours.CloseAsync().Soon();
        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(1000));
        peer.Dispose();
    }

    [Test]
    public async Task Closing_reads_away_what_the_peer_still_sends_so_that_it_sees_no_reset()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync(options => options.CloseTimeout = Patience);
        await peer.SendAsync(new byte[5000]);
        await ours.OpenWriteChannel().WriteAsync(new byte[1000]).Soon();
        Task closing = ours.CloseAsync().AsTask();
        Assert.That(await peer.EndAsync(), Is.EqualTo(SocketError.Success));
        peer.Dispose();
        await closing.Soon();
    }

    [Test]
    public async Task Half_a_close_lets_the_peer_go_on()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
        await HalfClose.CheckAsync(ours, peer);
        peer.Dispose();
    }

    [Test]
    public async Task A_peer_that_half_closes_can_still_be_written_to()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
        Connection connection = ours.OpenConnection();
        peer.Shutdown(SocketShutdown.Send);
        Assert.That(await connection.Input.ReadAsync(new byte[10]).Soon(), Is.Zero);

        Task<long> reading = Task.Run(peer.ReadToEndAsync);
        await connection.Output.WriteAsync(new byte[800_000]).Soon();
        await connection.DisposeAsync().Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(800_000));
        peer.Dispose();
    }

    [Test]
    public async Task Abort_is_the_end_for_a_peer_that_owes_nothing_and_a_reset_for_one_whose_bytes_were_not_read([Values] bool unread)
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
        if (unread)
        {
            await peer.SendAsync(new byte[10]);
        }

        ours.Abort();
        Assert.That(ours.Completion.IsCompleted, Is.True);
        Assert.That(await peer.EndAsync(), Is.EqualTo(unread ? SocketError.ConnectionReset : SocketError.Success));
        peer.Dispose();
    }

    [Test]
    public async Task A_peer_that_closes_with_our_bytes_unread_is_a_reset_after_all_it_has_sent()
    {
        for (int i = 0; i < 50; i++)
        {
            (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
            Connection connection = ours.OpenConnection();
            await connection.Output.WriteLineAsync("unread").Soon();
            await connection.Output.FlushAsync().Soon();
            Task<string?> reading = connection.Input.ReadLineAsync().AsTask();
            await peer.SendAsync("last words\n"u8.ToArray());
            peer.Dispose();

            Assert.That(await reading.Soon(), Is.EqualTo("last words"));
            IOException exception = Assert.ThrowsAsync<IOException>(async () => await connection.Input.ReadLineAsync().Soon())!;
            Assert.That((exception.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
            await ours.CloseAsync().Soon();
            File.Delete(_folder["plain"]);
        }
    }

    [Test]
    public async Task Writing_to_a_peer_that_is_gone_is_an_IOException()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
        ByteWriteChannel output = ours.OpenWriteChannel();
        peer.Dispose();
        IOException exception = Assert.ThrowsAsync<IOException>(async () =>
        {
            await output.WriteAsync(new byte[10]).Soon();
            await output.FlushAsync().Soon();
        })!;
        Assert.That((exception.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task Megabytes_arrive_whole_while_each_side_waits_for_the_other()
    {
        const int size = 8 * 1024 * 1024;
        (StreamSocket client, StreamSocket accepted) = await ConnectUnixAsync();
        Connection from = client.OpenConnection();
        Connection to = accepted.OpenConnection();
        byte[] bytes = Pattern.Bytes(size);
        Task there = SendAsync(from.Output, bytes);
        Task back = SendAsync(to.Output, bytes);
        byte[] got = new byte[size];
        byte[] gotBack = new byte[size];
        Task receiving = to.Input.ReadExactlyAsync(got).AsTask();
        await from.Input.ReadExactlyAsync(gotBack).Soon();
        await Task.WhenAll(there, back, receiving).Soon();
        Pattern.Check(got, 0);
        Pattern.Check(gotBack, 0);

        static async Task SendAsync(ByteWriteChannel output, byte[] bytes)
        {
            await output.WriteAsync(bytes);
            await output.FlushAsync();
        }
    }

    [Test]
    public async Task A_silent_peer_runs_into_the_socket_timeout_and_the_connection_stays_usable()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync(options => options.SocketTimeout = TimeSpan.FromMilliseconds(100));
        Connection connection = ours.OpenConnection();
        IOException reading = Assert.ThrowsAsync<IOException>(async () => await connection.Input.ReadLineAsync().Soon())!;
        Assert.That(reading.InnerException, Is.TypeOf<TimeoutException>());
        IOException writing = Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await connection.Output.WriteAsync(s_chunk).Soon();
            }
        })!;
        Assert.That(writing.InnerException, Is.TypeOf<TimeoutException>());

        await peer.SendAsync("late\n"u8.ToArray());
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("late"));
        peer.Dispose();
    }

    [Test]
    public async Task A_cancelled_read_loses_nothing()
    {
        (StreamSocket ours, Socket peer) = await ConnectToPlainAsync();
        ByteReadChannel input = ours.OpenReadChannel();
        for (int i = 0; i < 200; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<string?> reading = input.ReadLineAsync(cancellation.Token).AsTask();
            Task cancelling = cancellation.CancelAsync();
            await peer.SendAsync(Encoding.ASCII.GetBytes($"{i}\n"));
            string? line;
            try
            {
                line = await reading.Soon();
            }
            catch (OperationCanceledException)
            {
                line = await input.ReadLineAsync().Soon();
            }

            await cancelling;
            Assert.That(line, Is.EqualTo($"{i}"));
        }

        peer.Dispose();
    }

    [Test]
    public async Task Disposing_of_the_manager_ends_what_is_pending_and_deletes_the_file()
    {
        SelectorManager selector = CreateManager();
        ServerSocket server = await selector.Unix().BindAsync(_folder["s"]).Soon();
        Task<StreamSocket> first = server.AcceptAsync().AsTask();
        StreamSocket client = await selector.Unix().ConnectAsync(_folder["s"]).Soon();
        await first.Soon();
        Task<Exception?> reading = client.OpenReadChannel().ReadLineAsync().OutcomeAsync();
        Task<Exception?> accepting = server.AcceptAsync().OutcomeAsync();

        await selector.DisposeAsync().Soon();

        Assert.That(await reading.Soon(), Is.TypeOf<ObjectDisposedException>());
        Assert.That(await accepting.Soon(), Is.TypeOf<ObjectDisposedException>());
        Assert.That(Path.Exists(_folder["s"]), Is.False);
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await selector.Unix().BindAsync(_folder["t"]).Soon());
        Assert.That(Path.Exists(_folder["t"]), Is.False);
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await selector.Unix().CreatePairAsync().Soon());
    }

    [Test]
    public async Task A_pair_is_connected_and_leaves_nothing_behind([Values] bool byListener)
    {
        int before = Descriptors.Count();
        for (int i = 0; i < 20; i++)
        {
            (StreamSocket first, StreamSocket second) = byListener
                ? await Selector.Unix().CreatePairByListenerAsync(CancellationToken.None).Soon()
                : await Selector.Unix().CreatePairAsync().Soon();
            Connection one = first.OpenConnection();
            Connection two = second.OpenConnection();
            await one.Output.WriteLineAsync("there").Soon();
            await two.Output.WriteLineAsync("back").Soon();
            Assert.That(await two.Input.ReadLineAsync().Soon(), Is.EqualTo("there"));
            Assert.That(await one.Input.ReadLineAsync().Soon(), Is.EqualTo("back"));
            Task closing = one.CloseAsync().AsTask();
            Assert.That(await two.Input.ReadLineAsync().Soon(), Is.Null);
            await two.CloseAsync().Soon();
            await closing.Soon();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task A_file_and_a_copy_between_sockets_go_through()
    {
        string path = _folder["file"];
        await File.WriteAllBytesAsync(path, Pattern.Bytes(3_000_000));
        (StreamSocket a, StreamSocket b) = await Selector.Unix().CreatePairAsync().Soon();
        (StreamSocket c, StreamSocket d) = await Selector.Unix().CreatePairAsync().Soon();
        ByteWriteChannel output = a.OpenWriteChannel();
        Task sending = Task.Run(async () =>
        {
            await output.SendFileAsync(path);
            await output.CompleteAsync();
        });
        Task copying = b.OpenReadChannel().CopyAndCompleteAsync(c.OpenWriteChannel()).AsTask();
        byte[] got = await d.OpenReadChannel().ReadToEndAsync(limit: 4_000_000).Soon();
        await sending.Soon();
        await copying.Soon();
        Assert.That(got, Has.Length.EqualTo(3_000_000));
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task The_peer_says_who_it_is()
    {
        (StreamSocket client, StreamSocket accepted) = await ConnectUnixAsync();
        Assert.That(accepted.PeerCredentials.ProcessId, Is.EqualTo(Environment.ProcessId));
        Assert.That(client.PeerCredentials.UserId, Is.EqualTo(accepted.PeerCredentials.UserId));
        if (Environment.IsPrivilegedProcess)
        {
            Assert.That(accepted.PeerCredentials, Is.EqualTo(new PeerCredentials(Environment.ProcessId, 0, 0)));
        }

        await client.CloseAsync().Soon();
        Assert.Throws<ObjectDisposedException>(() => _ = client.PeerCredentials);
        (StreamSocket tcp, _) = await ConnectSocketsAsync();
        Assert.Throws<InvalidOperationException>(() => _ = tcp.PeerCredentials);
    }

    [Test]
    public async Task A_full_backlog_is_waited_for()
    {
        await using ServerSocket server = await Selector.Unix().BindAsync(_folder["s"], options => options.Backlog = 1).Soon();
        Task<StreamSocket>[] connecting = [.. Enumerable.Range(0, 20).Select(_ => Selector.Unix().ConnectAsync(_folder["s"]).AsTask())];
        using var cancellation = new CancellationTokenSource();
        Task<StreamSocket> given = Selector.Unix().ConnectAsync(_folder["s"], null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await given.Soon());
        for (int i = 0; i < 20; i++)
        {
            await server.AcceptAsync().Soon();
        }

        await Task.WhenAll(connecting).Soon();
    }

    [Test]
    public async Task Buffer_sizes_reach_what_is_accepted_and_options_of_tcp_are_passed_over()
    {
        UnixSocketBuilder unix = Selector.Unix().Configure(options =>
        {
            options.SendBufferSize = 20_000;
            options.NoDelay = true;
            options.TypeOfService = 16;
            options.KeepAlive = true;
        });
        await using ServerSocket server = await unix.BindAsync(_folder["s"]).Soon();
        StreamSocket client = await unix.ConnectAsync(_folder["s"]).Soon();
        StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(client.Options.SendBufferSize, Is.EqualTo(20_000));
        Assert.That(accepted.Options.SendBufferSize, Is.EqualTo(20_000));
        Assert.Throws<SocketException>(() => client.Options.NoDelay = true);
    }

    private static async Task EchoAsync(Connection connection, CancellationToken token)
    {
        while (await connection.Input.ReadLineAsync(token) is { } line)
        {
            await connection.Output.WriteLineAsync(line, token);
        }
    }

    private async Task<(StreamSocket Client, StreamSocket Accepted)> ConnectUnixAsync()
    {
        await using ServerSocket server = await Selector.Unix().BindAsync(_folder["s"]).Soon();
        StreamSocket client = await Selector.Unix().ConnectAsync(_folder["s"]).Soon();
        return (client, await server.AcceptAsync().Soon());
    }

    private async Task<(StreamSocket Ours, Socket Peer)> ConnectToPlainAsync(Action<StreamSocketOptions>? configure = null)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder["plain"]));
        listener.Listen();
        StreamSocket ours = await Selector.Unix().ConnectAsync(_folder["plain"], configure).Soon();
        return (ours, await listener.AcceptAsync().Soon());
    }
}
