using System.Net;
using Sluice.Options;

namespace Sluice.Sockets;

/// <summary>Represents the peer of a connection where it is not the transport's own peer, because proxies are in between. Immutable.</summary>
internal sealed class PeerIdentity(EndPoint? remoteEndPoint, ProxyHeader? header)
{
    /// <summary>A copy: the caller and the reader of the header may change theirs.</summary>
    public EndPoint? RemoteEndPoint { get; } = remoteEndPoint is null ? null : EndPointCopy.Of(remoteEndPoint);

    public ProxyHeader? Header { get; } = header;
}
