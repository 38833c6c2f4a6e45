using System.Net;
using Sluice.Channels.InMemory;
using Sluice.Sockets;

namespace Sluice;

public sealed partial class ByteChannel
{
    /// <summary>
    /// Creates two connections that are connected to each other in memory, for tests of code that works on a connection. Each can complete its
    /// output and continue to read, close, and abort; the other sees the same as it would of a socket.
    /// </summary>
    /// <param name="options">The options of each direction; null for the defaults.</param>
    /// <returns>The two connections. They have no <see cref="Connection.Socket"/>.</returns>
    public static (Connection First, Connection Second) CreateConnectedPair(ByteChannelOptions? options = null)
    {
        options ??= new ByteChannelOptions();
        (EndPoint first, EndPoint second) = MemoryEndPoint.CreatePair();
        first = options.FirstEndPoint ?? first;
        second = options.SecondEndPoint ?? second;
        var there = new ByteChannel(options, first, second);
        var back = new ByteChannel(options, second, first);
        var one = new MemoryConnection(back, there, first, second, options);
        var other = new MemoryConnection(there, back, second, first, options);
        there.Join(one.Abort, one.Closed, other.Closed);
        back.Join(other.Abort, other.Closed, one.Closed);
        return (new Connection(one, back.Reader, there.Writer), new Connection(other, there.Reader, back.Writer));
    }
}
