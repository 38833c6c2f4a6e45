using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace Sluice;

/// <summary>Represents a snapshot of the system's data about a TCP connection (<c>TCP_INFO</c>, tcp(7)).</summary>
/// <remarks>A value that an older kernel does not have is 0.</remarks>
public sealed class TcpInfo
{
    // struct tcp_info of linux/tcp.h, as of 4.9. Later versions append to it.
    internal const int Size = 168;

    internal TcpInfo(ReadOnlySpan<byte> native)
    {
        State = ToState(native[0]);
        Retransmits = native[2];
        RetransmissionTimeout = Microseconds(native, 8);
        SendSegmentSize = Number(native, 16);
        ReceiveSegmentSize = Number(native, 20);
        UnacknowledgedSegments = Number(native, 24);
        LostSegments = Number(native, 32);
        LastDataSent = TimeSpan.FromMilliseconds(Number(native, 44));
        LastDataReceived = TimeSpan.FromMilliseconds(Number(native, 52));
        PathMtu = Number(native, 60);
        RoundTripTime = Microseconds(native, 68);
        RoundTripTimeVariation = Microseconds(native, 72);
        SlowStartThreshold = Number(native, 76);
        CongestionWindow = Number(native, 80);
        TotalRetransmits = Number(native, 100);
        BytesAcknowledged = (long)MemoryMarshal.Read<ulong>(native[120..]);
        BytesReceived = (long)MemoryMarshal.Read<ulong>(native[128..]);
        SegmentsSent = Number(native, 136);
        SegmentsReceived = Number(native, 140);
        UnsentBytes = Number(native, 144);
        MinimumRoundTripTime = Microseconds(native, 148);
        DeliveryRate = (long)MemoryMarshal.Read<ulong>(native[160..]);
    }

    /// <summary>Gets the state of the connection (RFC 9293, 3.3.2).</summary>
    public TcpState State { get; }

    /// <summary>Gets the number of retransmissions of the oldest unacknowledged segment.</summary>
    public int Retransmits { get; }

    /// <summary>Gets the number of retransmitted segments since the connection was made.</summary>
    public int TotalRetransmits { get; }

    /// <summary>Gets the retransmission timeout.</summary>
    public TimeSpan RetransmissionTimeout { get; }

    /// <summary>Gets the smoothed round-trip time.</summary>
    public TimeSpan RoundTripTime { get; }

    /// <summary>Gets the variation of the round-trip time.</summary>
    public TimeSpan RoundTripTimeVariation { get; }

    /// <summary>Gets the shortest recent round-trip time.</summary>
    public TimeSpan MinimumRoundTripTime { get; }

    /// <summary>Gets the congestion window, in segments.</summary>
    public int CongestionWindow { get; }

    /// <summary>Gets the slow-start threshold, in segments; a very large number if it is not known yet.</summary>
    public int SlowStartThreshold { get; }

    /// <summary>Gets the number of bytes of a sent segment.</summary>
    public int SendSegmentSize { get; }

    /// <summary>Gets the estimated number of bytes of a received segment.</summary>
    public int ReceiveSegmentSize { get; }

    /// <summary>Gets the path MTU, in bytes.</summary>
    public int PathMtu { get; }

    /// <summary>Gets the number of segments that are sent and not acknowledged.</summary>
    public int UnacknowledgedSegments { get; }

    /// <summary>Gets the number of unacknowledged segments that are assumed lost.</summary>
    public int LostSegments { get; }

    /// <summary>Gets the time since data was last sent.</summary>
    public TimeSpan LastDataSent { get; }

    /// <summary>Gets the time since data was last received.</summary>
    public TimeSpan LastDataReceived { get; }

    /// <summary>Gets the number of bytes that the peer has acknowledged.</summary>
    public long BytesAcknowledged { get; }

    /// <summary>Gets the number of received bytes.</summary>
    public long BytesReceived { get; }

    /// <summary>Gets the number of sent segments.</summary>
    public int SegmentsSent { get; }

    /// <summary>Gets the number of received segments.</summary>
    public int SegmentsReceived { get; }

    /// <summary>Gets the number of bytes in the send buffer that are not sent yet.</summary>
    public int UnsentBytes { get; }

    /// <summary>Gets the recent rate at which data arrives at the peer, in bytes per second.</summary>
    public long DeliveryRate { get; }

    private static int Number(ReadOnlySpan<byte> native, int offset) => MemoryMarshal.Read<int>(native[offset..]);

    private static TimeSpan Microseconds(ReadOnlySpan<byte> native, int offset) => TimeSpan.FromMicroseconds(MemoryMarshal.Read<uint>(native[offset..]));

    // net/tcp_states.h.
    private static TcpState ToState(byte native) => native switch
    {
        1 => TcpState.Established,
        2 => TcpState.SynSent,
        3 or 12 => TcpState.SynReceived,
        4 => TcpState.FinWait1,
        5 => TcpState.FinWait2,
        6 => TcpState.TimeWait,
        7 => TcpState.Closed,
        8 => TcpState.CloseWait,
        9 => TcpState.LastAck,
        10 => TcpState.Listen,
        11 => TcpState.Closing,
        _ => TcpState.Unknown,
    };
}
