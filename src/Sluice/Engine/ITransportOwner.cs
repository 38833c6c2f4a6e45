namespace Sluice.Engine;

/// <summary>The public socket that stands on a transport.</summary>
internal interface ITransportOwner
{
    /// <summary>The engine is closing: closes the socket at once.</summary>
    void Abandon();
}
