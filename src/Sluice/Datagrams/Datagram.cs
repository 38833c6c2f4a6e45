using System.Net;
using Sluice.Datagrams;

namespace Sluice;

/// <summary>
/// A datagram that was received into rented memory. Whoever gets it disposes of it, once; copies are the same datagram. Not disposed of, its
/// memory is left to the garbage collector.
/// </summary>
public readonly struct Datagram : IDisposable
{
    private readonly DatagramPayload? _payload;
    private readonly int _version;
    private readonly int _length;
    private readonly DatagramInfo _info;

    internal Datagram(DatagramPayload payload, int version, int length, EndPoint remoteEndPoint, bool isTruncated, in DatagramInfo info)
    {
        _payload = payload;
        _version = version;
        _length = length;
        _info = info;
        RemoteEndPoint = remoteEndPoint;
        IsTruncated = isTruncated;
    }

    /// <summary>Its bytes; they are this datagram's until it is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public Memory<byte> Payload => _payload is null ? default : _payload.Memory(_version)[.._length];

    /// <summary>
    /// The sender. An IPv4 datagram has an IPv4 address, also at an IPv6 socket, and sending to it works from either. The same object for each datagram of
    /// a sender, as long as the socket remembers it; a caller who changes the object changes what others hold, but not what later datagrams say.
    /// </summary>
    public EndPoint RemoteEndPoint { get; }

    /// <summary>Whether it was longer than <see cref="DatagramSocketOptions.MaxDatagramSize"/>; what did not fit is lost.</summary>
    public bool IsTruncated { get; }

    /// <summary>What else the system tells of it.</summary>
    public DatagramInfo Info => _info;

    /// <summary>Gives the memory back. Idempotent, also by way of a copy.</summary>
    public void Dispose() => _payload?.Return(_version);
}
