using System.Net;

namespace Sluice;

/// <summary>A datagram to be sent, of a batch.</summary>
/// <param name="Payload">Its bytes.</param>
/// <param name="RemoteEndPoint">Where to; null on a connected socket.</param>
public readonly record struct OutgoingDatagram(ReadOnlyMemory<byte> Payload, EndPoint? RemoteEndPoint = null);
