using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sluice.Tests.Sockets;

/// <summary>Every failure of a transfer names the end point that it was with.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class FailureMessageTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task A_read_that_the_peer_resets_names_the_peer()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        EndPoint end = peer.LocalEndPoint!;
        Connection connection = socket.OpenConnection();
        Task<int> reading = connection.Input.ReadAsync(new byte[10]).AsTask();
        Reset(peer);
        Assert.That((await reading.OutcomeAsync())!.Message, Does.StartWith($"Reading from {end}: "));
        Assert.That((await Waiting.FailureAsync(async () => await connection.Input.ReadAsync(new byte[10])))!.Message, Does.StartWith($"Reading from {end}: "), "again");
    }

    [Test]
    public async Task An_end_that_comes_too_early_names_the_peer([Values] bool tls, [Values(0, 1, 2, 3, 4, 5, 6)] int form)
    {
        (Connection client, Connection server) = tls ? await ConnectTlsAsync() : await ConnectPairAsync();
        EndPoint end = client.LocalEndPoint;
        await client.Output.WriteAsync(new byte[] { 0x81 });
        await client.Output.CompleteAsync();

        Exception? failure = await ReadAsync(server.Input, form).OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<EndOfStreamException>().With.Message.StartsWith($"Reading from {end}: The stream ended"));
        Assert.That(server.IsPeerFault(failure!), Is.True);
        Assert.That(await server.Input.ReadByteAsync().Soon(), Is.EqualTo(0x81), "It is still there.");
        await Task.WhenAll(client.CloseAsync().AsTask(), server.CloseAsync().AsTask()).Soon();
    }

    [Test]
    public async Task Failures_in_memory_name_the_other_end([Values] bool reads, [Values] bool aborts)
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair();
        if (aborts)
        {
            second.Abort();
        }
        else
        {
            await second.DisposeAsync();
        }

        Exception? failure = await Waiting.FailureAsync(async () =>
        {
            if (reads)
            {
                await first.Input.ReadExactlyAsync(new byte[1]);
            }
            else
            {
                await first.Output.WriteAsync(new byte[1]);
                await first.Output.FlushAsync();
            }
        });

        Assert.That(failure, Is.InstanceOf<IOException>().With.Message.StartsWith($"{(reads ? "Reading from" : "Writing to")} {first.RemoteEndPoint}: "));
        await first.DisposeAsync();
    }

    private static Task ReadAsync(ByteReadChannel input, int form) => form switch
    {
        0 => input.ReadExactlyAsync(new byte[2]).AsTask(),
        1 => input.ReadExactlyAsync(2).AsTask(),
        2 => input.ReadAtLeastAsync(new byte[5], 3).AsTask(),
        3 => input.ReadInt32Async().AsTask(),
        4 => input.ReadVarIntAsync<uint>().AsTask(),
        5 => input.ReadLineAsync(new LineReadOptions { RequireEnding = true, Encoding = System.Text.Encoding.Latin1 }).AsTask(),
        _ => input.AsCounted().ReadExactlyAsync(2).AsTask(),
    };

    [Test]
    public async Task A_write_and_a_file_that_the_peer_resets_name_the_peer([Values] bool file)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        EndPoint end = peer.LocalEndPoint!;
        Connection connection = socket.OpenConnection();
        string path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, new byte[20_000_000]);
        Task writing = file ? connection.Output.SendFileAsync(path).AsTask() : connection.Output.WriteAsync(new byte[20_000_000]).AsTask();
        await Waiting.UntilAsync(() => socket.Transport.Wait.For == "room");
        Reset(peer);
        Assert.That((await writing.OutcomeAsync())!.Message, Does.StartWith($"Writing to {end}: "));
        Assert.That((await Waiting.FailureAsync(() => connection.Output.WriteAsync(new byte[1])))!.Message, Does.StartWith($"Writing to {end}: "), "again");
        File.Delete(path);
    }

    [Test]
    public async Task A_time_out_names_the_peer([Values] bool reads)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync(options => options.SocketTimeout = TimeSpan.FromMilliseconds(200));
        using (peer)
        {
            Connection connection = socket.OpenConnection();
            Exception? failure = reads
                ? await connection.Input.ReadAsync(new byte[10]).OutcomeAsync()
                : await connection.Output.WriteAsync(new byte[20_000_000]).OutcomeAsync();
            Assert.That(failure!.Message, Does.StartWith($"{(reads ? "Reading from" : "Writing to")} {peer.LocalEndPoint}: "));
        }
    }

    [Test]
    public async Task A_time_out_of_a_stream_names_the_peer([Values] bool reads)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using (peer)
        {
            Stream stream = socket.OpenConnection().AsStream();
            stream.ReadTimeout = 100;
            stream.WriteTimeout = 100;
            Exception? failure = await Task.Run(() =>
            {
                if (reads)
                {
                    stream.ReadByte();
                }
                else
                {
                    stream.Write(new byte[20_000_000]);
                }
            }).OutcomeAsync();
            Assert.That(failure, Is.InstanceOf<IOException>().With.Message.StartsWith($"{(reads ? "Reading from" : "Writing to")} {peer.LocalEndPoint}: "));
            socket.Abort();
        }
    }

    [Test]
    public async Task Two_joined_connections_name_the_one_that_failed()
    {
        (StreamSocket left, Socket first) = await ConnectToPlainPeerAsync();
        (StreamSocket right, Socket second) = await ConnectToPlainPeerAsync();
        using (second)
        {
            EndPoint end = first.LocalEndPoint!;
            Task joining = left.OpenConnection().JoinAsync(right.OpenConnection()).AsTask();
            Reset(first);
            Assert.That((await joining.OutcomeAsync())!.Message, Does.Contain($"{end}"));
        }
    }

    [Test]
    public async Task A_handshake_that_fails_names_the_peer()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        EndPoint end = peer.LocalEndPoint!;
        Task<Connection> starting = socket.OpenConnection().UpgradeToTlsClientAsync(Trusting()).AsTask();
        await peer.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()).Soon();
        Assert.That((await ((Task)starting).OutcomeAsync()), Is.InstanceOf<AuthenticationException>().With.Message.Contains($"{end}"));

        (socket, peer) = await ConnectToPlainPeerAsync();
        end = peer.LocalEndPoint!;
        starting = socket.OpenConnection().UpgradeToTlsClientAsync(Trusting()).AsTask();
        peer.Shutdown(SocketShutdown.Send);
        Assert.That((await ((Task)starting).OutcomeAsync())!.Message, Does.Contain($"{end}"), "the end of the connection");
        peer.Dispose();

        (socket, peer) = await ConnectToPlainPeerAsync();
        var soon = new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(100) };
        starting = socket.OpenConnection().UpgradeToTlsClientAsync(Trusting(), soon).AsTask();
        Assert.That((await ((Task)starting).OutcomeAsync()), Is.InstanceOf<TimeoutException>().With.Message.Contains($"{peer.LocalEndPoint}"));
        peer.Dispose();
    }

    [Test]
    public async Task A_connection_under_TLS_that_fails_names_the_peer([Values] bool midRecord)
    {
        (Connection near, Connection far) = await ConnectPairAsync();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        Connection server = await serving.Soon();
        Task<int> reading = server.Input.ReadAsync(new byte[10]).AsTask();
        if (midRecord)
        {
            await near.Output.WriteAsync(new byte[] { 23, 3, 3, 0, 100, 1, 2, 3 }).Soon();
        }

        await near.Output.CompleteAsync().Soon();
        Assert.That((await ((Task)reading).OutcomeAsync()), Is.InstanceOf<IOException>().With.Message.StartsWith($"Reading from {server.Socket.RemoteEndPoint}: "));
        client.Abort();
        server.Abort();
    }

    [Test]
    public async Task A_datagram_to_a_closed_port_names_the_peer()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint end = silent.LocalEndPoint!;
        silent.Dispose();
        await using DatagramSocket socket = await Selector.Udp().ConnectAsync(end);
        await socket.SendAsync(new byte[1]).AsTask().Soon();
        Exception? failure = await socket.ReceiveAsync().OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<SocketException>().With.Message.StartsWith($"Receiving from {end}: "));
    }

    [Test]
    public async Task A_datagram_that_may_not_be_sent_names_where_it_goes([Values] bool batch)
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
        var broadcast = new IPEndPoint(IPAddress.Broadcast, 9);
        Exception? failure = batch
            ? await socket.SendBatchAsync(new OutgoingDatagram[] { new(new byte[1], broadcast) }).OutcomeAsync()
            : await socket.SendAsync(new byte[1], broadcast).OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<SocketException>().With.Message.StartsWith($"Sending to {broadcast}: "));
    }

    [Test]
    public async Task A_group_that_cannot_be_joined_or_left_is_named()
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
        var group = IPAddress.Parse("239.1.2.3");
        SocketException joining = Assert.Throws<SocketException>(() => socket.JoinGroup(group, interfaceIndex: 99_999))!;
        Assert.That(joining.Message, Does.StartWith("Joining the group 239.1.2.3 at the interface 99999: "));
        SocketException leaving = Assert.Throws<SocketException>(() => socket.LeaveGroup(group, IPAddress.Loopback))!;
        Assert.That(leaving.Message, Does.StartWith("Leaving the group 239.1.2.3 from 127.0.0.1: "));
    }

    private static void Reset(Socket peer)
    {
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
    }
}
