using System.Net;
using System.Net.Sockets;

namespace Sluice.Engine.Portable;

/// <summary>
/// A Unix domain end point that <see cref="Socket"/> does not know for one: of those that it binds it deletes the file when it is disposed,
/// even if another server has put its own there by then. <see cref="UnixSocketFile"/> sees to that.
/// </summary>
internal sealed class PlainUnixEndPoint(UnixDomainSocketEndPoint endPoint) : EndPoint
{
    public override AddressFamily AddressFamily => AddressFamily.Unix;

    public override SocketAddress Serialize() => endPoint.Serialize();

    public override EndPoint Create(SocketAddress socketAddress) => endPoint.Create(socketAddress);

    public override string ToString() => endPoint.ToString();
}
