using System.Net;

namespace Sluice.Engine.Datagrams;

/// <summary>A datagram in the memory of the engine. Valid until the next receive.</summary>
internal ref struct IncomingDatagram
{
    public ReadOnlySpan<byte> Bytes;
    public EndPoint RemoteEndPoint;
    public DatagramInfo Info;

    /// <summary>Whether it was longer than the memory for it.</summary>
    public bool IsTruncated;
}
