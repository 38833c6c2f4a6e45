namespace Sluice;

/// <summary>What a datagram says about congestion: the lower two bits of its traffic class (RFC 3168, section 5).</summary>
public enum EcnCodepoint
{
    /// <summary>The sender does not take part.</summary>
    NotEct = 0,

    /// <summary>ECT(1).</summary>
    Ect1 = 1,

    /// <summary>ECT(0).</summary>
    Ect0 = 2,

    /// <summary>A router on the way met congestion.</summary>
    CongestionExperienced = 3,
}
