using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>Copied into the caller's memory.</summary>
internal readonly struct CopyForm(Memory<byte> buffer) : IReceiveForm<DatagramReceiveResult>
{
    public DatagramReceiveResult Take(in IncomingDatagram datagram)
    {
        int count = Math.Min(datagram.Bytes.Length, buffer.Length);
        datagram.Bytes[..count].CopyTo(buffer.Span);
        return new DatagramReceiveResult(count, datagram.RemoteEndPoint, datagram.IsTruncated || count < datagram.Bytes.Length, datagram.Info);
    }
}
