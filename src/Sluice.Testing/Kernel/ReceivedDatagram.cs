using System.Net;

namespace Sluice.Testing.Kernel;

/// <summary>A datagram that a socket has received.</summary>
/// <param name="Payload">Its bytes.</param>
/// <param name="Source">The end point that it comes from.</param>
/// <param name="Destination">The address that it was sent to; null if it has none.</param>
/// <param name="Interface">The index of the interface at which it has arrived; 0 if there is none.</param>
internal readonly record struct ReceivedDatagram(byte[] Payload, EndPoint Source, IPAddress? Destination, int Interface);
