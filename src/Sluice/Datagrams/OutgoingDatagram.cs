using System.Net;

namespace Sluice;

/// <summary>Represents a datagram in a batch that is to be sent.</summary>
/// <param name="Payload">The payload.</param>
/// <param name="RemoteEndPoint">The end point to send to; null on a connected socket.</param>
public readonly record struct OutgoingDatagram(ReadOnlyMemory<byte> Payload, EndPoint? RemoteEndPoint = null);
