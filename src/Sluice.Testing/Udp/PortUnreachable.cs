using System.Net;
using Sluice.Testing.Links;

namespace Sluice.Testing.Udp;

/// <summary>The message of a host that no socket is bound to the port of a datagram (ICMP).</summary>
/// <param name="source">The destination of the datagram.</param>
/// <param name="destination">Its source.</param>
internal sealed class PortUnreachable(IPEndPoint source, IPEndPoint destination) : Packet(source, destination)
{
    public override int WireSize => 70;

    public override int Length => 0;

    public override SimulatedPacketKind PacketKind => SimulatedPacketKind.PortUnreachable;

    public override string Label => "port unreachable";

    public override void AddTo(SimulationTrace trace) => trace.Mix((ulong)Source.Port);
}
