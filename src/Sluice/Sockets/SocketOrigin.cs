using System.Net;

namespace Sluice.Sockets;

/// <summary>Who is at the other end of a connection, when that is not whom the transport is connected to.</summary>
internal sealed class SocketOrigin(EndPoint? remoteEndPoint, ProxyHeader? header)
{
    public EndPoint? RemoteEndPoint { get; } = remoteEndPoint;

    public ProxyHeader? Header { get; } = header;
}
