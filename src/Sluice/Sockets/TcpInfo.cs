using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace Sluice;

/// <summary>What the system knows about a TCP connection, at the moment it was asked (<c>TCP_INFO</c>, tcp(7)).</summary>
/// <remarks>What an older kernel does not tell is 0.</remarks>
public sealed class TcpInfo
{
    // struct tcp_info of linux/tcp.h, as of 4.9 and later: what was added since stands behind.
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

    /// <summary>Where the connection is in its life (RFC 9293, 3.3.2).</summary>
    public TcpState State { get; }

    /// <summary>How often what was sent last was sent again, so far.</summary>
    public int Retransmits { get; }

    /// <summary>How many segments were sent again since the connection was made.</summary>
    public int TotalRetransmits { get; }

    /// <summary>How long an acknowledgement may take before the segment is sent again.</summary>
    public TimeSpan RetransmissionTimeout { get; }

    /// <summary>The smoothed round-trip time.</summary>
    public TimeSpan RoundTripTime { get; }

    /// <summary>How much the round-trip time varies.</summary>
    public TimeSpan RoundTripTimeVariation { get; }

    /// <summary>The shortest round-trip time lately.</summary>
    public TimeSpan MinimumRoundTripTime { get; }

    /// <summary>How many segments may be on their way.</summary>
    public int CongestionWindow { get; }

    /// <summary>Below how many segments the window still doubles; a very large number if it has not been found yet.</summary>
    public int SlowStartThreshold { get; }

    /// <summary>How many bytes go into a segment.</summary>
    public int SendSegmentSize { get; }

    /// <summary>How many bytes come in a segment, as far as the system can tell.</summary>
    public int ReceiveSegmentSize { get; }

    /// <summary>How many bytes go into a packet all the way to the peer.</summary>
    public int PathMtu { get; }

    /// <summary>How many segments are on their way.</summary>
    public int UnacknowledgedSegments { get; }

    /// <summary>How many of them are taken for lost.</summary>
    public int LostSegments { get; }

    /// <summary>How long ago data was sent last.</summary>
    public TimeSpan LastDataSent { get; }

    /// <summary>How long ago data was received last.</summary>
    public TimeSpan LastDataReceived { get; }

    /// <summary>How many bytes the peer has acknowledged.</summary>
    public long BytesAcknowledged { get; }

    /// <summary>How many bytes were received.</summary>
    public long BytesReceived { get; }

    /// <summary>How many segments were sent.</summary>
    public int SegmentsSent { get; }

    /// <summary>How many segments were received.</summary>
    public int SegmentsReceived { get; }

    /// <summary>How many bytes wait in the system that were not sent yet.</summary>
    public int UnsentBytes { get; }

    /// <summary>How fast data has arrived at the peer lately, in bytes a second.</summary>
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
