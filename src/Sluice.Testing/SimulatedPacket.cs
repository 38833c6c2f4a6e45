using System.Net;
using Sluice.Testing.Links;
using Sluice.Testing.Tcp;
using Sluice.Testing.Udp;

namespace Sluice.Testing;

/// <summary>Represents a packet that a host sends, as a rule sees it; see <see cref="SimulatedNetwork.AddRule"/>.</summary>
public sealed class SimulatedPacket
{
    private readonly Packet _packet;

    internal SimulatedPacket(Packet packet, SimulatedHost from, SimulatedHost to)
    {
        _packet = packet;
        From = from;
        To = to;
    }

    /// <summary>Gets the host that sends.</summary>
    public SimulatedHost From { get; }

    /// <summary>Gets the host that it is sent to.</summary>
    public SimulatedHost To { get; }

    /// <summary>Gets the end point that it comes from.</summary>
    public IPEndPoint Source => _packet.Source;

    /// <summary>Gets the end point that it is sent to.</summary>
    public IPEndPoint Destination => _packet.Destination;

    /// <summary>Gets what it is.</summary>
    public SimulatedPacketKind Kind => _packet.PacketKind;

    /// <summary>Gets the bytes of the datagram, or those of the connection. A segment that is sent again has some of them again, and segments have any size.</summary>
    public ReadOnlyMemory<byte> Payload => _packet switch
    {
        TcpSegment segment => segment.Payload,
        UdpDatagram datagram => datagram.Payload,
        _ => default,
    };

    /// <summary>Gets the position of the first byte of <see cref="Payload"/> in its direction of the connection; 0 for a datagram.</summary>
    public long Offset => Math.Max(0, (_packet as TcpSegment)?.Sequence ?? 0);

    /// <summary>Gets the number of the connection, as in the trace; 0 for a datagram.</summary>
    public int Connection => _packet.Connection;

    /// <summary>Returns the kind, the hosts, and the number of bytes.</summary>
    public override string ToString() => $"{Kind} {From} -> {To}, {Payload.Length} B";
}
