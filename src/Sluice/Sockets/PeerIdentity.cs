using System.Net;
using Sluice.Options;

namespace Sluice.Sockets;

/// <summary>Who is at the other end of a connection, when that is not whom the transport is connected to.</summary>
internal sealed class PeerIdentity(EndPoint? remoteEndPoint, ProxyHeader? header)
{
    /// <summary>A copy of its own: the caller who connects and the header's reader have the other one.</summary>
    public EndPoint? RemoteEndPoint { get; } = remoteEndPoint is null ? null : EndPointCopy.Of(remoteEndPoint);

    public ProxyHeader? Header { get; } = header;
}
