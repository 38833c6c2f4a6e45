namespace Sluice;

/// <summary>Specifies the congestion information of a datagram: the lower two bits of its traffic class (RFC 3168, section 5).</summary>
public enum EcnCodepoint
{
    /// <summary>The sender does not support ECN.</summary>
    NotEct = 0,

    /// <summary>The sender supports ECN: ECT(1).</summary>
    Ect1 = 1,

    /// <summary>The sender supports ECN: ECT(0).</summary>
    Ect0 = 2,

    /// <summary>A router on the path has experienced congestion.</summary>
    CongestionExperienced = 3,
}
