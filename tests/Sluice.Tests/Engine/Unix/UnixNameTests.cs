using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Sluice.Tests.Engine.Unix;

/// <summary>Peers with any name that the kernel lets them have: the framework makes few of them, a program in C makes all.</summary>
[Platform("Linux")]
public sealed partial class UnixNameTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int AfUnix = 1;
    private const int MaxName = 108;

    private readonly UnixFolder _folder = new();

    public enum Listening
    {
        ByPath,
        ByAbstractName,
        Adopted,
        AdoptedHandle,
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_server_serves_every_client_whatever_its_name([Values] Listening listening)
    {
        string path = listening == Listening.ByAbstractName ? $"\0sluice-{Guid.NewGuid():n}" : _folder["s"];
        await using ServerSocket server = await ListenAsync(listening, path);
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            string remote = connection.Socket.RemoteEndPoint.ToString()!;
            await connection.Output.WriteLineAsync($"{remote.Length} {connection.Socket.LocalEndPoint}", token);
        });
        foreach (byte[]? name in Names())
        {
            using var client = new Client(SocketType.Stream, name);
            Assert.That(Connect(client.Descriptor, Address(path), Address(path).Length), Is.Zero, Describe(name));
            Assert.That(await ReadToEndAsync(client.Socket), Is.Not.Empty, Describe(name));
        }

        Assert.That(serving.IsCompleted, Is.False);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_datagram_socket_hears_every_sender_and_can_answer_it()
    {
        string path = _folder["d"];
        await using DatagramSocket ours = await Selector.Unix().BindDatagramAsync(path).Soon();
        byte[] buffer = new byte[100];
        foreach (byte[]? name in Names())
        {
            using var client = new Client(SocketType.Dgram, name);
            Assert.That(Connect(client.Descriptor, Address(path), Address(path).Length), Is.Zero, Describe(name));
            await client.Socket.SendAsync("ping"u8.ToArray()).Soon();

            DatagramReceiveResult received = await ours.ReceiveAsync(buffer).Soon();

            Assert.That(received.RemoteEndPoint.ToString(), Is.Not.Null);
            if (name is not null)
            {
                await ours.SendAsync("pong"u8.ToArray(), received.RemoteEndPoint).Soon();
                Assert.That(await client.Socket.ReceiveAsync(buffer).Soon(), Is.EqualTo(4), Describe(name));
            }
        }
    }

    [Test]
    public async Task Connections_with_every_name_can_be_adopted()
    {
        foreach (byte[]? name in Names())
        {
            string path = _folder[$"{Guid.NewGuid():n}"[..8]];
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            using var client = new Client(SocketType.Stream, name);
            Assert.That(Connect(client.Descriptor, Address(path), Address(path).Length), Is.Zero, Describe(name));
            int accepted = Accept(listener.SafeHandle, 0, 0);
            Assert.That(accepted, Is.Positive);

            await using StreamSocket socket = Selector.AdoptStream(new SafeSocketHandle(accepted, ownsHandle: true));

            Assert.That(socket.RemoteEndPoint.ToString(), Is.Not.Null, Describe(name));
            ByteWriteChannel output = socket.OpenWriteChannel();
            await output.WriteStringAsync("hello").Soon();
            await output.CompleteAsync().Soon();
            await using StreamSocket other = Selector.AdoptStream(client.Socket.SafeHandle);
            Assert.That(other.LocalEndPoint.ToString(), Is.Not.Null, Describe(name));
            Assert.That(await other.OpenReadChannel().ReadToEndAsync(limit: 100).Soon(), Is.EqualTo("hello"u8.ToArray()), Describe(name));
        }
    }

    [Test]
    public async Task Datagram_sockets_and_listeners_with_every_name_can_be_adopted()
    {
        foreach (byte[]? name in Names())
        {
            using var datagrams = new Client(SocketType.Dgram, name);
            await using DatagramSocket datagram = Selector.AdoptDatagram(datagrams.Socket.SafeHandle);
            Assert.That(datagram.LocalEndPoint.ToString(), Is.Not.Null, Describe(name));
        }

        foreach (byte[]? name in Names().Where(name => name is not null))
        {
            using var listener = new Client(SocketType.Stream, name);
            Assert.That(Listen(listener.Descriptor, 10), Is.Zero);
            await using ServerSocket server = Selector.AdoptListener(listener.Socket.SafeHandle);
            Assert.That(server.LocalEndPoint.ToString(), Is.Not.Null, Describe(name));
            byte[] address = [AfUnix, 0, .. name!];
            using var client = new Client(SocketType.Stream, null);
            Assert.That(Connect(client.Descriptor, address, address.Length), Is.Zero, Describe(name));
            await using StreamSocket accepted = await server.AcceptAsync().Soon();
        }
    }

    [Test]
    public async Task A_name_that_is_taken_is_in_the_message([Values] bool datagrams)
    {
        string name = $"\0sluice-{Guid.NewGuid():n}";
        await using IAsyncDisposable first = await BindAsync().Soon();

        Exception? failure = await BindAsync().OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressAlreadyInUse));
        Assert.That(failure!.Message, Does.Contain(name[1..]));

        async Task<IAsyncDisposable> BindAsync() => datagrams ? await Selector.Unix().BindDatagramAsync(name) : await Selector.Unix().BindAsync(name);
    }

    [Test]
    public async Task A_stranger_whose_name_only_reads_like_the_peers_is_not_heard_as_the_peer()
    {
        byte[] folder = Encoding.UTF8.GetBytes(_folder[string.Empty]);
        byte[] name = [.. folder, 0xfe];
        using var peer = new Client(SocketType.Dgram, name);
        using var stranger = new Client(SocketType.Dgram, [.. folder, 0xff]);
        var local = new UnixDomainSocketEndPoint(_folder["connected"]);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(local);
        await stranger.Socket.SendToAsync("stranger"u8.ToArray(), local);
        await peer.Socket.SendToAsync("peer"u8.ToArray(), local);
        Assert.That(Connect((int)socket.SafeHandle.DangerousGetHandle(), [AfUnix, 0, .. name, 0], name.Length + 3), Is.Zero);

        await using DatagramSocket connected = Selector.AdoptDatagram(socket);

        using Datagram datagram = await connected.ReceiveAsync().Soon();
        Assert.That(datagram.Payload.ToArray(), Is.EqualTo("peer"u8.ToArray()));
    }

    // Without a name; paths of every length up to one that leaves no room for a NUL; abstract names with NULs and with bytes of any kind.
    private List<byte[]?> Names()
    {
        var random = new Random(7);
        byte[] folder = Encoding.UTF8.GetBytes(_folder[string.Empty]);
        List<byte[]?> names = [null];
        for (int length = folder.Length + 6; length <= MaxName; length += length < MaxName - 4 ? 9 : 1)
        {
            names.Add([.. folder, .. Encoding.ASCII.GetBytes($"{names.Count:000000}".PadRight(length - folder.Length, 'c'))]);
        }

        // No UTF-8.
        names.Add([.. folder, .. Enumerable.Repeat((byte)0xff, MaxName - folder.Length)]);
        names.Add([.. folder, 0xc3, 0x28, 0xfe]);
        foreach (int length in (int[])[1, 2, 5, 40, MaxName - 1, MaxName])
        {
            byte[] name = new byte[length];
            random.NextBytes(name);
            name[0] = 0;
            names.Add(name);
            names.Add(new byte[length]);
        }

        return names;
    }

    // No NetworkStream: that takes a socket for connected only if the framework has connected it.
    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        byte[] buffer = new byte[1000];
        int total = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(total)).Soon() is > 0 and var received)
        {
            total += received;
        }

        return Encoding.UTF8.GetString(buffer, 0, total);
    }

    private static string Describe(byte[]? name) => name is null ? "without a name" : Convert.ToHexString(name);

    private static byte[] Address(string path) => [AfUnix, 0, .. Encoding.UTF8.GetBytes(path), .. path[0] == '\0' ? [] : (byte[])[0]];

    private async Task<ServerSocket> ListenAsync(Listening listening, string path)
    {
        if (listening is Listening.ByPath or Listening.ByAbstractName)
        {
            return await Selector.Unix().BindAsync(path).Soon();
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        if (listening == Listening.Adopted)
        {
            return Selector.AdoptListener(socket);
        }

        // The finalizer of the framework's socket deletes the file, and the handle is all that was given away.
        GC.SuppressFinalize(socket);
        return Selector.AdoptListener(socket.SafeHandle);
    }

    [LibraryImport("libc", EntryPoint = "bind")]
    private static partial int Bind(int descriptor, byte[] address, int length);

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(int descriptor, byte[] address, int length);

    [LibraryImport("libc", EntryPoint = "unlink")]
    private static partial int Unlink(byte[] path);

    [LibraryImport("libc", EntryPoint = "listen")]
    private static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept")]
    private static partial int Accept(SafeSocketHandle listener, nint address, nint length);

    private sealed class Client : IDisposable
    {
        private readonly byte[]? _name;

        public Client(SocketType type, byte[]? name)
        {
            _name = name;
            Socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
            if (name is not null)
            {
                byte[] address = [AfUnix, 0, .. name];
                Assert.That(Bind(Descriptor, address, address.Length), Is.Zero, Describe(name));
            }
        }

        public Socket Socket { get; }

        public int Descriptor => (int)Socket.SafeHandle.DangerousGetHandle();

        // The framework cannot delete a file whose name is no UTF-8.
        public void Dispose()
        {
            Socket.Dispose();
            if (_name is [not 0, ..])
            {
                _ = Unlink([.. _name, 0]);
            }
        }
    }
}
