using Sluice.Engine.Datagrams;

namespace Sluice.Sockets;

/// <summary>What a call makes of a datagram.</summary>
internal interface IReceiveForm<out T>
{
    T Take(in IncomingDatagram datagram);
}
