namespace Sluice;

/// <summary>Specifies how a listener that expects PROXY headers treats peers outside of the trusted networks.</summary>
public enum UntrustedPeers
{
    /// <summary>Resets the connection.</summary>
    Refuse,

    /// <summary>
    /// Accepts the connection without a header: its <see cref="StreamSocket.RemoteEndPoint"/> is that of the peer. If the peer sends a header, the header is
    /// ordinary data.
    /// </summary>
    AcceptWithoutHeader,
}
