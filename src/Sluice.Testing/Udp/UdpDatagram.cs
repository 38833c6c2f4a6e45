using System.Net;
using Sluice.Testing.Links;

namespace Sluice.Testing.Udp;

/// <summary>A datagram on its way.</summary>
internal sealed class UdpDatagram(IPEndPoint source, IPEndPoint destination, byte[] payload) : Packet(source, destination)
{
    private const int HeaderSize = 42;

    public byte[] Payload { get; private set; } = payload;

    /// <summary>Gets the index of the interface at which it arrives.</summary>
    public int Interface { get; init; } = UdpAddresses.Network;

    public override int WireSize => HeaderSize + Payload.Length;

    public override int Length => Payload.Length;

    public override SimulatedPacketKind PacketKind => SimulatedPacketKind.Datagram;

    public override string Label => "datagram";

    public override void AddTo(SimulationTrace trace) => trace.Mix(Payload);

    /// <summary>Copies it, for a duplicate.</summary>
    public UdpDatagram Copy() => new(Source, Destination, Payload) { Interface = Interface };

    /// <summary>Changes one bit.</summary>
    public void Corrupt(int at)
    {
        Payload = [.. Payload];
        Payload[at / 8] ^= (byte)(1 << (at % 8));
    }
}
