using System.Net;

namespace Sluice;

/// <summary>Describes a datagram that was received into the caller's memory.</summary>
public readonly struct DatagramReceiveResult
{
    private readonly DatagramInfo _info;

    internal DatagramReceiveResult(int count, EndPoint remoteEndPoint, bool isTruncated, in DatagramInfo info)
    {
        Count = count;
        RemoteEndPoint = remoteEndPoint;
        IsTruncated = isTruncated;
        _info = info;
    }

    /// <summary>Gets the number of bytes that were received; 0 for an empty datagram.</summary>
    public int Count { get; }

    /// <summary>
    /// Gets the end point of the sender. An IPv4 datagram has an IPv4 address on an IPv6 socket as well, and sockets of both families can send to it. The
    /// datagrams of a sender have the same object as long as the socket keeps it. A caller that changes the object changes it for earlier datagrams, but
    /// not for later ones.
    /// </summary>
    public EndPoint RemoteEndPoint { get; }

    /// <summary>Gets a value indicating whether the datagram was longer than the memory. The rest of it is lost.</summary>
    public bool IsTruncated { get; }

    /// <summary>Gets the further information that the socket was set to receive.</summary>
    public DatagramInfo Info => _info;
}
