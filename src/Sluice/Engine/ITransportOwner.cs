namespace Sluice.Engine;

/// <summary>The public socket that stands on a transport.</summary>
internal interface ITransportOwner
{
    /// <summary>How many bytes it has read and written. To be asked for with a lock held: takes none.</summary>
    (long Received, long Sent) Bytes => default;

    /// <summary>The peer behind all proxies, of a connection; null if it is that of the transport.</summary>
    System.Net.EndPoint? Peer => null;

    /// <summary>Whether it is closed, or closing.</summary>
    bool IsClosed { get; }

    /// <summary>Its user has dropped it: closes it as a disposal would, in the background.</summary>
    void CloseDropped() => CloseWithManager();

    /// <summary>
    /// The engine is closing, first step: what is called from now on is refused, and no read takes what the other sockets' end looks like
    /// for the peer's doing. Wakes no wait and closes no descriptor.
    /// </summary>
    void Refuse();

    /// <summary>The engine is closing, last step: closes the socket at once.</summary>
    void CloseWithManager();

    /// <summary>Closes the socket so that the peer sees a reset.</summary>
    void Abort() => CloseWithManager();
}
