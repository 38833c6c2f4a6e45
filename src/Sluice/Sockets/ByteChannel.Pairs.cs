using System.Net;
using Sluice.Channels.InMemory;
using Sluice.Sockets;

namespace Sluice;

public sealed partial class ByteChannel
{
    /// <summary>
    /// Creates two connections that talk to each other with no network: for testing what works on a connection. Each can complete its
    /// output and go on reading, close, and abort, and the other sees what it would see of a socket.
    /// </summary>
    /// <param name="options">What each direction is like; null for the defaults.</param>
    /// <returns>The two ends. They have no <see cref="Connection.Socket"/>.</returns>
    public static (Connection First, Connection Second) CreateConnectedPair(ByteChannelOptions? options = null)
    {
        options ??= new ByteChannelOptions();
        (EndPoint first, EndPoint second) = MemoryEndPoint.CreatePair();
        first = options.FirstEndPoint ?? first;
        second = options.SecondEndPoint ?? second;
        var there = new ByteChannel(options, first, second);
        var back = new ByteChannel(options, second, first);
        return (Connect(back, there, first, second), Connect(there, back, second, first));

        Connection Connect(ByteChannel incoming, ByteChannel outgoing, EndPoint local, EndPoint remote) =>
            new(new MemoryConnection(incoming, outgoing, local, remote, options), incoming.Reader, outgoing.Writer);
    }
}
