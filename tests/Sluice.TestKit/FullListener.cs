using System.Net;
using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>
/// A listener whose queue is full: Linux drops what asks for a connection, so connecting neither succeeds nor fails for a long time.
/// </summary>
internal sealed class FullListener : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queued = [];

    public EndPoint EndPoint => _listener.LocalEndPoint!;

    public static async Task<FullListener> CreateAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("How a full queue behaves is known of Linux.");
        }

        var full = new FullListener();
        full._listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full._listener.Listen(0);

        // One more than the queue is asked to hold is let in (sk_acceptq_is_full).
        full._queued.Add(await Peers.ConnectAsync(full.EndPoint));
        return full;
    }

    /// <summary>Makes room for one.</summary>
    public async Task AcceptAsync() => _queued.Add(await _listener.AcceptAsync().Soon());

    public void Dispose()
    {
        _listener.Dispose();
        _queued.ForEach(socket => socket.Dispose());
    }
}
