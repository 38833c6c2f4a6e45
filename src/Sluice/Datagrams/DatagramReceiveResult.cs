using System.Net;

namespace Sluice;

/// <summary>A datagram that was received into the caller's own memory.</summary>
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

    /// <summary>How many bytes were received; 0 for a datagram without any.</summary>
    public int Count { get; }

    /// <summary>
    /// The sender. An IPv4 datagram has an IPv4 address, also at an IPv6 socket, and sending to it works from either. The same object for each datagram of
    /// a sender, as long as the socket remembers it; a caller who changes the object changes what others hold, but not what later datagrams say.
    /// </summary>
    public EndPoint RemoteEndPoint { get; }

    /// <summary>Whether it was longer than the memory it was received into; what did not fit is lost.</summary>
    public bool IsTruncated { get; }

    /// <summary>What else the system tells of it.</summary>
    public DatagramInfo Info => _info;
}
