using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sluice.Tests;

public sealed class AdoptTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_connected_socket_becomes_a_connection([Values] bool unix, [Values] bool byHandle, [Values] bool used)
    {
        (Socket socket, Socket peer) = await PlainPairAsync(unix);
        EndPoint remote = socket.RemoteEndPoint!;
        if (used)
        {
            Task<int> receiving = socket.ReceiveAsync(new byte[1]);
            await peer.SendAsync(new byte[1]);
            await receiving.Soon();
        }

        StreamSocket ours = byHandle ? Selector.AdoptStream(socket.SafeHandle) : Selector.AdoptStream(socket);

        Assert.That(ours.RemoteEndPoint.ToString(), Is.EqualTo(remote.ToString()));
        Connection connection = ours.OpenConnection();
        for (int i = 0; i < 50; i++)
        {
            await connection.Output.WriteLineAsync($"ping {i}").Soon();
            byte[] got = new byte[20];
            int count = await peer.ReceiveAsync(got);
            await peer.SendAsync(got.AsMemory(0, count));
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo($"ping {i}"));
        }

        Task closing = Task.Run(async () =>
        {
            await connection.Output.WriteAsync(new byte[400_000]);
            await ours.CloseAsync();
        });

        // No reset, which is what the framework makes of a handle that is disposed of.
        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(400_000));
        peer.Dispose();
        await closing.Soon();
        GC.KeepAlive(socket);
    }

    [Test]
    public async Task A_socket_that_was_adopted_and_is_disposed_of_by_mistake_or_collected_does_no_harm()
    {
        if (Engine == SelectorEngine.Portable)
        {
            Assert.Ignore("There the socket itself is what is used.");
        }

        (Socket socket, Socket peer) = await PlainPairAsync(unix: false);
        Connection connection = Selector.AdoptStream(socket).OpenConnection();
        socket.Dispose();
        await connection.Output.WriteLineAsync("still").Soon();
        byte[] got = new byte[20];
        Assert.That(await peer.ReceiveAsync(got), Is.GreaterThan(0));
        await connection.CloseAsync().Soon();
        Assert.That(await peer.EndAsync(), Is.EqualTo(SocketError.Success));
    }

    // Its finalizer deletes the file that it was bound to.
    [Test]
    [Platform("Linux")]
    public async Task The_file_of_an_adopted_listener_stays_when_the_socket_it_came_in_is_collected()
    {
        using var folder = new UnixFolder();
        string path = folder["s"];
        await using ServerSocket server = Adopt(Selector, path);
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(File.Exists(path), Is.True);
        using Socket client = await ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static ServerSocket Adopt(SelectorManager selector, string path)
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            return selector.AdoptListener(listener);
        }
    }

    [Test]
    public async Task A_listening_socket_becomes_a_server([Values] bool unix, [Values] bool byHandle)
    {
        Socket listener = Listen(unix);
        EndPoint local = listener.LocalEndPoint!;
        using Socket early = await ConnectAsync(local);
        ServerSocket server = byHandle
            ? Selector.AdoptListener(listener.SafeHandle, options => options.CloseTimeout = Patience)
            : Selector.AdoptListener(listener, options => options.CloseTimeout = Patience);

        Assert.That(server.LocalEndPoint, Is.EqualTo(local));
        StreamSocket first = await server.AcceptAsync().Soon();
        Assert.That(first.Options.CloseTimeout, Is.EqualTo(Patience));
        using Socket late = await ConnectAsync(local);
        StreamSocket second = await server.AcceptAsync().Soon();
        await second.OpenWriteChannel().WriteLineAsync("hello").Soon();
        await second.CloseAsync().Soon();
        Assert.That(await late.EndAsync(), Is.EqualTo(SocketError.Success));

        await server.DisposeAsync();
        Assert.CatchAsync<SocketException>(async () => await ConnectAsync(local));
        GC.KeepAlive(listener);
    }

    [Test]
    public async Task A_client_whose_name_is_longer_than_an_adopted_servers_is_accepted([Values] bool waiting)
    {
        ServerSocket server = Selector.AdoptListener(Listen(unix: true));
        Task<StreamSocket>? accepting = waiting ? server.AcceptAsync().AsTask() : null;
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Bind(new UnixDomainSocketEndPoint(_folder["a-client-with-a-rather-long-name"]));
        await client.ConnectAsync(server.LocalEndPoint);
        StreamSocket accepted = await (accepting ?? server.AcceptAsync().AsTask()).Soon();
        Assert.That(accepted.RemoteEndPoint.ToString(), Is.EqualTo(_folder["a-client-with-a-rather-long-name"]));
        Assert.That(server.LocalEndPoint.ToString(), Is.EqualTo(_folder["p"]));
        await accepted.OpenWriteChannel().WriteLineAsync("hello").Soon();
        await accepted.CloseAsync().Soon();
        Assert.That(await client.EndAsync(), Is.EqualTo(SocketError.Success));
    }

    [Test]
    [Platform("Linux")]
    public async Task A_connection_that_is_shut_down_in_a_direction_is_adopted([Values] bool unix, [Values] bool byHandle, [Values] SocketShutdown how)
    {
        // The side that has connected: a Socket that was accepted, or was asked before, still knows its peer.
        (Socket peer, Socket socket) = await PlainPairAsync(unix);
        string remote = peer.LocalEndPoint!.ToString()!;
        socket.Shutdown(how);
        Assert.Throws<ArgumentException>(() => Selector.AdoptListener(socket));
        StreamSocket ours = byHandle ? Selector.AdoptStream(socket.SafeHandle) : Selector.AdoptStream(socket);
        Assert.That(ours.RemoteEndPoint.ToString(), Is.EqualTo(remote));
        Connection connection = ours.OpenConnection();
        if (how == SocketShutdown.Send)
        {
            await peer.SendAsync(new byte[5]);
        }

        Assert.That(await connection.Input.ReadAsync(new byte[10]).Soon(), Is.EqualTo(how == SocketShutdown.Send ? 5 : 0));
        Exception? failure = await WriteAsync(connection.Output).OutcomeAsync().Soon();
        Assert.That(failure?.Message, how == SocketShutdown.Receive ? Is.Null : Does.StartWith("Writing to "));
        GC.KeepAlive(socket);

        static async Task WriteAsync(ByteWriteChannel output)
        {
            await output.WriteLineAsync("hello");
            await output.FlushAsync();
        }
    }

    [Test]
    public async Task A_socket_is_adopted_once([Values] bool byHandle)
    {
        (Socket socket, Socket peer) = await PlainPairAsync(unix: false);
        Socket listener = Listen(unix: false);
        EndPoint local = listener.LocalEndPoint!;
        var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagram.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        // A failure leaves the socket to its owner.
        Assert.Throws<ArgumentException>(() => Selector.AdoptStream(listener));
        Assert.Throws<ArgumentException>(() => Selector.AdoptDatagram(socket));
        Assert.Throws<ArgumentException>(() => Selector.AdoptListener(socket));
        StreamSocket stream = byHandle ? Selector.AdoptStream(socket.SafeHandle) : Selector.AdoptStream(socket);
        ServerSocket server = byHandle ? Selector.AdoptListener(listener.SafeHandle) : Selector.AdoptListener(listener);
        DatagramSocket datagrams = byHandle ? Selector.AdoptDatagram(datagram.SafeHandle) : Selector.AdoptDatagram(datagram);
        for (int i = 0; i < 2; i++)
        {
            Assert.Throws<ObjectDisposedException>(() => Selector.AdoptStream(socket));
            Assert.Throws<ObjectDisposedException>(() => Selector.AdoptStream(socket.SafeHandle));
            Assert.Throws<ObjectDisposedException>(() => Selector.AdoptListener(listener));
            Assert.Throws<ObjectDisposedException>(() => Selector.AdoptListener(listener.SafeHandle));
            Assert.Throws<ObjectDisposedException>(() => Selector.AdoptDatagram(datagram));
            Assert.Throws<ObjectDisposedException>(() => Selector.AdoptDatagram(datagram.SafeHandle));
            if (i == 0)
            {
                await peer.SendAsync(new byte[1]);
                Assert.That(await stream.OpenReadChannel().ReadAsync(new byte[10]).Soon(), Is.EqualTo(1));
                using Socket client = await ConnectAsync(local);
                await using StreamSocket accepted = await server.AcceptAsync().Soon();
                await stream.CloseAsync().Soon();
                await server.DisposeAsync();
                await datagrams.DisposeAsync();
            }
        }
    }

    [Test]
    public async Task What_is_of_the_wrong_kind_is_refused_and_stays_the_callers()
    {
        (Socket connected, Socket peer) = await PlainPairAsync(unix: false);
        using Socket listening = Listen(unix: false);
        using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagram.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var fresh = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var sequenced = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

        foreach (Socket each in (Socket[])[listening, datagram, fresh, sequenced])
        {
            Assert.Throws<ArgumentException>(() => Selector.AdoptStream(each));
            Assert.Throws<ArgumentException>(() => Selector.AdoptStream(each.SafeHandle));
        }

        foreach (Socket each in (Socket[])[connected, datagram, fresh, sequenced])
        {
            Assert.Throws<ArgumentException>(() => Selector.AdoptListener(each));
            Assert.Throws<ArgumentException>(() => Selector.AdoptListener(each.SafeHandle));
        }

        using (FileStream file = File.Create(_folder["f"]))
        {
            using var handle = new SafeSocketHandle(file.SafeFileHandle.DangerousGetHandle(), ownsHandle: false);
            Assert.Throws<ArgumentException>(() => Selector.AdoptStream(handle));
            Assert.Throws<ArgumentException>(() => Selector.AdoptListener(handle));
        }

        Assert.Throws<ArgumentNullException>(() => Selector.AdoptStream((Socket)null!));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        await connected.SendAsync(new byte[1]);
        Assert.That(await peer.ReceiveAsync(new byte[1]), Is.EqualTo(1));
        connected.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Selector.AdoptStream(connected));
    }

    [Test]
    public async Task Adopting_leaves_no_descriptor_behind()
    {
        int before = Descriptors.Count();
        for (int i = 0; i < 50; i++)
        {
            (Socket socket, Socket peer) = await PlainPairAsync(unix: false);
            StreamSocket ours = Selector.AdoptStream(socket);
            ServerSocket server = Selector.AdoptListener(Listen(unix: false));
            await server.DisposeAsync();
            ours.Abort();
            Assert.That(await peer.EndAsync(), Is.EqualTo(SocketError.ConnectionReset));
            peer.Dispose();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    private async Task<(Socket Socket, Socket Peer)> PlainPairAsync(bool unix)
    {
        using Socket listener = Listen(unix);
        Socket peer = await ConnectAsync(listener.LocalEndPoint!);
        return (await listener.AcceptAsync(), peer);
    }

    private Socket Listen(bool unix)
    {
        Socket listener = unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(unix ? new UnixDomainSocketEndPoint(_folder["p"]) : new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        var socket = new Socket(
            endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(endPoint).Soon();
        return socket;
    }
}
