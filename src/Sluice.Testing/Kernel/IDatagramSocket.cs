using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Kernel;

/// <summary>A datagram socket of a simulated kernel.</summary>
internal interface IDatagramSocket
{
    EndPoint Local { get; }

    /// <summary>Gets the number of datagrams that there was no room for.</summary>
    uint Drops { get; }

    /// <summary>Takes the error of an earlier datagram.</summary>
    SocketError TakeError();

    /// <summary>Takes a datagram; null if there is none.</summary>
    ReceivedDatagram? TryReceive();

    /// <summary>Sends a datagram; null for the peer of a connected socket. False if there is no room: the transport is told when there is.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? to);

    void Close();
}
