namespace Sluice.Engine;

/// <summary>The public socket that stands on a transport.</summary>
internal interface ITransportOwner
{
    /// <summary>How many bytes it has read and written. To be asked for with a lock held: takes none.</summary>
    (long Received, long Sent) Bytes => default;

    /// <summary>The engine is closing: closes the socket at once.</summary>
    void Abandon();

    /// <summary>Closes the socket so that the peer sees a reset.</summary>
    void Abort() => Abandon();
}
