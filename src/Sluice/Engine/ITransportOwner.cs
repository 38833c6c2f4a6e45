namespace Sluice.Engine;

/// <summary>A public socket, as the owner of its transport.</summary>
internal interface ITransportOwner
{
    /// <summary>Gets how many bytes it has read and written. Called under a lock, so it takes none.</summary>
    (long Received, long Sent) Bytes => default;

    /// <summary>Gets the peer of a connection behind all proxies; null if it is that of the transport.</summary>
    System.Net.EndPoint? Peer => null;

    /// <summary>Whether it is closed, or closing.</summary>
    bool IsClosed { get; }

    /// <summary>Closes the socket in the background, as a disposal would: its user has dropped it.</summary>
    void CloseDropped() => CloseWithManager();

    /// <summary>
    /// Refuses calls from now on. The first step of closing the engine: a read that fails because other sockets are closed must not report it as an
    /// act of the peer. Ends no wait and closes no descriptor.
    /// </summary>
    void Refuse();

    /// <summary>Closes the socket at once. The last step of closing the engine.</summary>
    void CloseWithManager();

    /// <summary>Closes the socket so that the peer sees a reset.</summary>
    void Abort() => CloseWithManager();
}
