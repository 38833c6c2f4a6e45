using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>Converts a received datagram to the result of a call.</summary>
internal interface IDatagramProjection<out T>
{
    T Project(in IncomingDatagram datagram);
}
