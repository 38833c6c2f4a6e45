using System.Net;
using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>Represents a copy of a received datagram for which the caller had no memory.</summary>
internal sealed class KeptDatagram(in IncomingDatagram datagram)
{
    private readonly byte[] _bytes = datagram.Bytes.ToArray();
    private readonly EndPoint _remoteEndPoint = datagram.RemoteEndPoint;
    private readonly DatagramInfo _info = datagram.Info;
    private readonly bool _isTruncated = datagram.IsTruncated;

    public IncomingDatagram Datagram => new() { Bytes = _bytes, RemoteEndPoint = _remoteEndPoint, Info = _info, IsTruncated = _isTruncated };
}
