namespace Sluice;

/// <summary>What a listener that expects a PROXY header does with whoever is not trusted to send one.</summary>
public enum UntrustedPeers
{
    /// <summary>Resets the connection.</summary>
    Refuse,

    /// <summary>
    /// Takes it for a connection without a header, whose <see cref="StreamSocket.RemoteEndPoint"/> is its own. A header that is sent all the
    /// same is data like any other.
    /// </summary>
    AcceptWithoutHeader,
}
