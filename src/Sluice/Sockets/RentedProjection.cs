using System.Buffers;
using Sluice.Datagrams;
using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>Copies a datagram into memory that is rented for it.</summary>
internal readonly struct RentedProjection(MemoryPool<byte>? pool) : IDatagramProjection<Datagram>
{
    public Datagram Project(in IncomingDatagram datagram)
    {
        var payload = DatagramPayload.Rent(datagram.Bytes.Length, pool, out int version);
        try
        {
            datagram.Bytes.CopyTo(payload.Memory(version).Span);
        }
        catch
        {
            payload.Return(version);
            throw;
        }

        return new Datagram(payload, version, datagram.Bytes.Length, datagram.RemoteEndPoint, datagram.IsTruncated, datagram.Info);
    }
}
