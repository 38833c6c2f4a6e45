using System.Net;
using Sluice.Datagrams;

namespace Sluice;

/// <summary>
/// A datagram that was received into rented memory. Its receiver disposes of it, once. Copies are the same datagram. Without a disposal its memory is
/// left to the garbage collector.
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

    /// <summary>Gets the payload. Valid until the datagram is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The datagram was disposed of.</exception>
    public Memory<byte> Payload => _payload is null ? default : _payload.Memory(_version)[.._length];

    /// <summary>
    /// Gets the end point of the sender. An IPv4 datagram has an IPv4 address on an IPv6 socket as well, and sockets of both families can send to it. The
    /// datagrams of a sender have the same object as long as the socket keeps it. A caller that changes the object changes it for earlier datagrams, but
    /// not for later ones.
    /// </summary>
    public EndPoint RemoteEndPoint { get; }

    /// <summary>
    /// Gets a value indicating whether the datagram was longer than <see cref="DatagramSocketOptions.MaxDatagramSize"/>. The rest of it is lost.
    /// </summary>
    public bool IsTruncated { get; }

    /// <summary>Gets the further information that the socket was set to receive.</summary>
    public DatagramInfo Info => _info;

    /// <summary>Returns the memory. Idempotent, for all copies together.</summary>
    public void Dispose() => _payload?.Return(_version);
}
