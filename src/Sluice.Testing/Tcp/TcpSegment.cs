using System.Net;
using Sluice.Testing.Links;

namespace Sluice.Testing.Tcp;

/// <summary>A segment (RFC 9293). Sequence numbers count the bytes of the stream from 0, do not wrap around, and give the SYN the number -1.</summary>
internal sealed class TcpSegment(IPEndPoint source, IPEndPoint destination, TcpFlags flags, long sequence, long acknowledged, int window, byte[] payload)
    : Packet(source, destination)
{
    private const int HeaderSize = 54;

    private byte[] _payload = payload;

    public TcpFlags Flags { get; private set; } = flags;

    public long Sequence { get; } = sequence;

    /// <summary>Gets the number of the byte that the sender expects next.</summary>
    public long Acknowledged { get; } = acknowledged;

    /// <summary>Gets how many bytes the sender has room for.</summary>
    public int Window { get; } = window;

    public ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>Gets the connection that it belongs to, for the trace and for cuts; null for a reset that answers a stray segment.</summary>
    public TcpFlow? Flow { get; init; }

    /// <summary>Gets a value indicating whether the connection ends on the way when this has arrived.</summary>
    public bool CutsFlow { get; private set; }

    public override int Length => _payload.Length;

    public override int WireSize => HeaderSize + _payload.Length;

    public override int Connection => Flow?.Number ?? 0;

    public override SimulatedPacketKind PacketKind =>
        Has(TcpFlags.Reset) ? SimulatedPacketKind.Reset
        : Has(TcpFlags.Syn) ? Has(TcpFlags.Acknowledgement) ? SimulatedPacketKind.SynAcknowledgement : SimulatedPacketKind.Syn
        : Has(TcpFlags.Fin) ? SimulatedPacketKind.Fin
        : Length > 0 ? SimulatedPacketKind.Data
        : SimulatedPacketKind.Acknowledgement;

    public override string? Label => (Flags & ~TcpFlags.Acknowledgement, Length) switch
    {
        (TcpFlags.None, 0) => null,
        (TcpFlags.None, _) => "data",
        (TcpFlags.Fin, 0) => "FIN",
        (TcpFlags.Fin, _) => "data and FIN",
        (TcpFlags.Syn, _) => Has(TcpFlags.Acknowledgement) ? "SYN ACK" : "SYN",
        _ => "RST",
    };

    public bool Has(TcpFlags flag) => (Flags & flag) != 0;

    public override void AddTo(SimulationTrace trace)
    {
        trace.Mix((ulong)Sequence ^ ((ulong)Flags << 56));
        trace.Mix((ulong)Acknowledged ^ ((ulong)Window << 32));
        trace.Mix(_payload);
    }

    /// <summary>Lets only the first bytes arrive, and ends the connection after them.</summary>
    public void Truncate(int length)
    {
        _payload = _payload[..Math.Min(length, _payload.Length)];
        Flags &= ~TcpFlags.Fin;
        CutsFlow = true;
    }
}
