using System.Net;

namespace Sluice.Engine.Datagrams;

/// <summary>A datagram where the engine received it. Good until the engine is asked for the next.</summary>
internal ref struct IncomingDatagram
{
    public ReadOnlySpan<byte> Bytes;
    public EndPoint RemoteEndPoint;
    public DatagramInfo Info;

    /// <summary>Whether it was longer than the engine had room for.</summary>
    public bool IsTruncated;
}
