using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>What a call makes of a datagram.</summary>
internal interface IDatagramProjection<out T>
{
    T Project(in IncomingDatagram datagram);
}
