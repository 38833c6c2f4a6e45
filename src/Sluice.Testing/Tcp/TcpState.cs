namespace Sluice.Testing.Tcp;

/// <summary>The state of a connection (RFC 9293, 3.3.2).</summary>
internal enum TcpState : byte
{
    SynSent,
    SynReceived,
    Established,

    /// <summary>This side has sent a FIN, which is not acknowledged.</summary>
    FinWait1,

    /// <summary>The peer has acknowledged the FIN of this side.</summary>
    FinWait2,

    /// <summary>The peer has sent a FIN.</summary>
    CloseWait,

    /// <summary>Both sides have sent a FIN at the same time.</summary>
    Closing,

    /// <summary>The peer has sent a FIN, and then this side.</summary>
    LastAck,

    /// <summary>Both FINs are acknowledged.</summary>
    TimeWait,
    Closed,
}
