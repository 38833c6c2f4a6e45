using System.Net.Sockets;

namespace Sluice.Tests.Engine.Unix;

public sealed class UnixDatagramTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [SetUp]
    public void SkipWhereThereAreNone()
    {
        if (!Socket.OSSupportsUnixDomainSockets || OperatingSystem.IsWindows())
        {
            Assert.Ignore("There are no Unix datagrams here.");
        }
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Unix_datagrams_come_as_they_were_sent_from_whom_they_were_sent()
    {
        await using DatagramSocket one = await Selector.Unix().BindDatagramAsync(_folder["1"]).Soon();
        await using DatagramSocket two = await Selector.Unix().BindDatagramAsync(_folder["2"]).Soon();
        await using DatagramSocket nameless = await Selector.Unix().ConnectDatagramAsync(_folder["1"]).Soon();

        await two.SendAsync(new byte[100_000], one.LocalEndPoint).Soon();
        await two.SendAsync(ReadOnlyMemory<byte>.Empty, one.LocalEndPoint).Soon();
        await nameless.SendAsync(new byte[3]).Soon();

        using Datagram first = await one.ReceiveAsync().Soon();
        using Datagram second = await one.ReceiveAsync().Soon();
        using Datagram third = await one.ReceiveAsync().Soon();
        Assert.That((first.Payload.Length, first.IsTruncated), Is.EqualTo((65_535, true)));
        Assert.That(first.RemoteEndPoint, Is.EqualTo(two.LocalEndPoint));
        Assert.That((second.Payload.Length, second.IsTruncated), Is.EqualTo((0, false)));
        Assert.That(third.Payload.Length, Is.EqualTo(3));
        Assert.That(third.RemoteEndPoint, Is.Not.EqualTo(two.LocalEndPoint));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_send_to_a_full_Unix_socket_waits_until_there_is_room_and_nothing_is_lost(bool isConnected)
    {
        const int count = 2000;
        await using DatagramSocket receiver = await Selector.Unix().BindDatagramAsync(_folder["r"]).Soon();
        await using DatagramSocket sender = isConnected
            ? await Selector.Unix().ConnectDatagramAsync(_folder["r"]).Soon()
            : await Selector.Unix().BindDatagramAsync(_folder["s"]).Soon();
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await (isConnected ? sender.SendAsync(BitConverter.GetBytes(i)) : sender.SendAsync(BitConverter.GetBytes(i), receiver.LocalEndPoint));
            }
        });
        for (int i = 0; i < count; i++)
        {
            using Datagram datagram = await receiver.ReceiveAsync().Soon();
            Assert.That(BitConverter.ToInt32(datagram.Payload.Span), Is.EqualTo(i));
        }

        await sending.Soon();
    }

    [Test]
    public async Task A_batch_that_waited_for_room_is_sent_up_to_the_one_that_is_refused()
    {
        await using DatagramSocket receiver = await Selector.Unix().BindDatagramAsync(_folder["r"]).Soon();
        await using DatagramSocket sender = await Selector.Unix().BindDatagramAsync(_folder["s"]).Soon();
        using var full = new CancellationTokenSource();
        ValueTask sending;
        while ((sending = sender.SendAsync(new byte[1], receiver.LocalEndPoint, full.Token)).IsCompletedSuccessfully)
        {
        }

        await full.CancelAsync();
        Assert.That(await sending.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        OutgoingDatagram[] batch = [new(new byte[2], receiver.LocalEndPoint), new(new byte[3], new UnixDomainSocketEndPoint(_folder["nobody"]))];

        ValueTask<int> sendingBatch = sender.SendBatchAsync(batch);
        Assert.That(sendingBatch.IsCompleted, Is.False);
        using Datagram datagram = await receiver.ReceiveAsync().Soon();

        Assert.That(await sendingBatch.Soon(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_send_that_waits_for_room_ends_when_it_is_cancelled_or_the_socket_closed()
    {
        await using DatagramSocket receiver = await Selector.Unix().BindDatagramAsync(_folder["r"]).Soon();
        DatagramSocket sender = await Selector.Unix().ConnectDatagramAsync(_folder["r"]).Soon();
        using var canceled = new CancellationTokenSource();
        int sent = 0;
        ValueTask sending;
        while ((sending = sender.SendAsync(new byte[1], canceled.Token)).IsCompleted)
        {
            await sending;
            sent++;
        }

        Task<Exception?> cancelled = sending.OutcomeAsync();
        Task<Exception?> closed = sender.SendAsync(new byte[1]).OutcomeAsync();
        await canceled.CancelAsync();
        Assert.That(await cancelled, Is.InstanceOf<OperationCanceledException>());
        Assert.That(closed.IsCompleted, Is.False);
        await sender.DisposeAsync();
        Assert.That(await closed, Is.TypeOf<ObjectDisposedException>());
        Assert.That(sent, Is.Positive);
    }

    [Test]
    public async Task A_connected_socket_with_a_name_is_answered_and_hears_no_other_sender()
    {
        await using DatagramSocket server = await Selector.Unix().BindDatagramAsync(_folder["server"]).Soon();
        await using DatagramSocket client = await Selector.Unix().ConnectDatagramAsync(_folder["server"], _folder["client"]).Soon();
        await using DatagramSocket other = await Selector.Unix().BindDatagramAsync(_folder["other"]).Soon();
        await client.SendAsync("ping"u8.ToArray()).Soon();
        using Datagram request = await server.ReceiveAsync().Soon();
        Assert.That(request.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));

        Assert.CatchAsync<SocketException>(async () => await other.SendAsync(new byte[9], client.LocalEndPoint).Soon());
        await server.SendAsync("pong"u8.ToArray(), request.RemoteEndPoint).Soon();
        using Datagram answer = await client.ReceiveAsync().Soon();
        Assert.That(answer.Payload.ToArray(), Is.EqualTo("pong"u8.ToArray()));
    }

    [Test]
    public async Task A_pair_talks_and_has_no_names()
    {
        (DatagramSocket first, DatagramSocket second) = Selector.Unix().CreateDatagramPair(options => options.MaxDatagramSize = 8);
        await using (first)
        await using (second)
        {
            await first.SendAsync(new byte[20]).Soon();
            await first.SendAsync(new byte[8]).Soon();
            using Datagram long20 = await second.ReceiveAsync().Soon();
            using Datagram long8 = await second.ReceiveAsync().Soon();
            Assert.That((long20.Payload.Length, long20.IsTruncated, long8.Payload.Length, long8.IsTruncated), Is.EqualTo((8, true, 8, false)));
            await second.SendAsync(new byte[1]).Soon();
            using Datagram back = await first.ReceiveAsync().Soon();
            Assert.That(back.Payload.Length, Is.EqualTo(1));

            await second.DisposeAsync();
            Exception? failure = await first.SendAsync(new byte[1]).OutcomeAsync();
            Assert.That(failure?.Message, Does.StartWith("Sending to an address without a name: "));
        }
    }

    [Test]
    public void A_pair_that_is_made_by_names_leaves_none()
    {
        int before = Directory.GetDirectories(Path.GetTempPath(), "sluice*").Length;
        (Socket first, Socket second) = Sluice.Engine.Portable.PortableEngine.CreatePairByName();
        using (first)
        using (second)
        {
            first.Send([1, 2, 3]);
            Assert.That(second.Receive(new byte[10]), Is.EqualTo(3));
            second.Send([1]);
            Assert.That(first.Receive(new byte[10]), Is.EqualTo(1));
        }

        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "sluice*"), Has.Length.LessThanOrEqualTo(before));
    }

    [Test]
    public async Task The_file_has_the_mode_that_was_asked_for_and_goes_with_the_socket([Values] bool deletes)
    {
        DatagramSocket socket = await Selector.Unix().BindDatagramAsync(_folder["s"], options =>
        {
            options.FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            options.DeleteOnClose = deletes;
        }).Soon();
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(_folder["s"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        await socket.DisposeAsync();
        Assert.That(Path.Exists(_folder["s"]), Is.EqualTo(!deletes));
    }

    [Test]
    public async Task A_stale_file_is_replaced_and_a_live_one_is_in_use()
    {
        string path = _folder.Stale("s");
        await using DatagramSocket first = await Selector.Unix().BindDatagramAsync(path).Soon();
        SocketException taken = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().BindDatagramAsync(path).Soon())!;
        SocketException server = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().BindAsync(path).Soon())!;
        Assert.That(taken.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(server.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        await using DatagramSocket sender = await Selector.Unix().ConnectDatagramAsync(path).Soon();
        await sender.SendAsync(new byte[4]).Soon();
        using Datagram datagram = await first.ReceiveAsync().Soon();
        Assert.That(datagram.Payload.Length, Is.EqualTo(4));
    }

    [Test]
    public async Task Who_is_not_there_cannot_be_connected_to_or_sent_to()
    {
        string stale = _folder.Stale("stale");
        SocketException none = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().ConnectDatagramAsync(_folder["none"]).Soon())!;
        SocketException gone = Assert.ThrowsAsync<SocketException>(async () => await Selector.Unix().ConnectDatagramAsync(stale, _folder["own"]).Soon())!;
        Assert.That((none.SocketErrorCode, gone.SocketErrorCode), Is.EqualTo((SocketError.AddressNotAvailable, SocketError.ConnectionRefused)));
        Assert.That(none.Message, Does.Contain(_folder["none"]));
        Assert.That(Path.Exists(_folder["own"]), Is.False);

        await using DatagramSocket socket = await Selector.Unix().BindDatagramAsync(_folder["s"]).Soon();
        SocketException refused = Assert.ThrowsAsync<SocketException>(
            async () => await socket.SendAsync(new byte[1], new UnixDomainSocketEndPoint(stale)).Soon())!;
        Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public async Task Abstract_names_have_no_file()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Abstract names need Linux.");
        }

        string name = $"\0sluice-{Guid.NewGuid():N}";
        await using DatagramSocket server = await Selector.Unix().BindDatagramAsync(name).Soon();
        await using DatagramSocket client = await Selector.Unix().ConnectDatagramAsync(name, $"{name}c").Soon();
        await client.SendAsync(new byte[2]).Soon();
        using Datagram datagram = await server.ReceiveAsync().Soon();
        await server.SendAsync(new byte[3], datagram.RemoteEndPoint).Soon();
        using Datagram back = await client.ReceiveAsync().Soon();
        Assert.That((datagram.Payload.Length, back.Payload.Length), Is.EqualTo((2, 3)));
    }

    [Test]
    public async Task Datagrams_are_what_socat_sends_and_gets()
    {
        await using DatagramSocket server = await Selector.Unix().BindDatagramAsync(_folder["s"]).Soon();
        await using RealPeer socat = RealPeer.Start("socat", "-t1", "-", $"UNIX-SENDTO:{_folder["s"]},bind={_folder["c"]}");
        await socat.Input.WriteAsync("hello\n");
        await socat.Input.FlushAsync();
        using Datagram datagram = await server.ReceiveAsync().Soon();
        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("hello\n"u8.ToArray()));
        await server.SendAsync("world\n"u8.ToArray(), datagram.RemoteEndPoint).Soon();
        await server.SendAsync(ReadOnlyMemory<byte>.Empty, datagram.RemoteEndPoint).Soon();
        socat.Input.Close();
        Assert.That(await socat.WaitForSuccessAsync(), Is.EqualTo("world\n"));
    }
}
