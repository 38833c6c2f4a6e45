using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests;

/// <summary>Sockets that are bound and do not listen yet, adopted as listeners.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class BoundSocketTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_bound_socket_begins_to_listen([Values] bool unix, [Values] bool byHandle)
    {
        using var folder = new TemporaryFolder();
        EndPoint endPoint = unix ? new UnixDomainSocketEndPoint(folder.PathOf("s")) : new IPEndPoint(IPAddress.Loopback, 0);
        var bound = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(endPoint);
        endPoint = bound.LocalEndPoint!;

        await using ServerSocket server = byHandle ? Selector.AdoptListener(bound.SafeHandle) : Selector.AdoptListener(bound);

        using var client = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(endPoint).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        Assert.That(server.LocalEndPoint, Is.EqualTo(endPoint));
        await client.SendAsync("hello\n"u8.ToArray());
        Assert.That(await accepted.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
        GC.KeepAlive(bound);
    }

    [Test]
    public void One_that_is_not_bound_would_listen_anywhere_and_is_refused([Values] bool unix)
    {
        using var socket = new Socket(unix ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
        Assert.Throws<ArgumentException>(() => Selector.AdoptListener(socket));
        Assert.That(socket.SafeHandle.IsClosed, Is.False);
    }

    [Test]
    public async Task One_that_is_connected_is_refused()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        Assert.Throws<ArgumentException>(() => Selector.AdoptListener(client));
        Assert.That(client.SafeHandle.IsClosed, Is.False);
    }
}
