namespace Sluice.Testing;

/// <summary>Specifies what a packet is.</summary>
public enum SimulatedPacketKind
{
    /// <summary>A UDP datagram.</summary>
    Datagram,

    /// <summary>The answer of a host that no socket is bound to the port of a datagram (ICMP).</summary>
    PortUnreachable,

    /// <summary>A segment of TCP that begins a connection: SYN.</summary>
    Syn,

    /// <summary>The answer to it: SYN and ACK.</summary>
    SynAcknowledgement,

    /// <summary>A segment with bytes of the connection.</summary>
    Data,

    /// <summary>A segment that only says what has arrived, and how much room there is.</summary>
    Acknowledgement,

    /// <summary>The last segment of one direction, with or without bytes.</summary>
    Fin,

    /// <summary>A segment that ends the connection at once.</summary>
    Reset,
}
