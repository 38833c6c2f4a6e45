using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>Copies a datagram into the caller's memory.</summary>
internal readonly struct CopyProjection(Memory<byte> buffer) : IDatagramProjection<DatagramReceiveResult>
{
    public DatagramReceiveResult Project(in IncomingDatagram datagram)
    {
        int count = Math.Min(datagram.Bytes.Length, buffer.Length);
        datagram.Bytes[..count].CopyTo(buffer.Span);
        return new DatagramReceiveResult(count, datagram.RemoteEndPoint, datagram.IsTruncated || count < datagram.Bytes.Length, datagram.Info);
    }
}
