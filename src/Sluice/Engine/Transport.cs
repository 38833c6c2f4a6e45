using System.Net;

namespace Sluice.Engine;

/// <summary>A socket of an engine, as the engine's owner keeps track of it.</summary>
internal abstract class Transport(SocketEngine engine)
{
    public SocketEngine Engine { get; } = engine;

    /// <summary>The public socket that stands on this transport; null while there is none.</summary>
    public ITransportOwner? Owner { get; internal set; }

    /// <summary>List links of <see cref="OpenTransports"/>, which alone touches them.</summary>
    internal Transport? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    internal Transport? Next { get; set; }

    /// <exception cref="ObjectDisposedException">Closed before it was ever asked for.</exception>
    public abstract EndPoint LocalEndPoint { get; }

    /// <summary>The options of the open socket.</summary>
    public abstract IOptionTarget Options { get; }

    /// <summary>Says who is to be closed when the engine is, which may be now.</summary>
    public void SetOwner(ITransportOwner owner) => Engine.Open.SetOwner(this, owner);

    /// <summary>Ends what waits and closes the descriptor. Idempotent, from any thread.</summary>
    public void Close()
    {
        if (Engine.Open.Remove(this))
        {
            CloseCore();
        }
    }

    /// <summary>Called once.</summary>
    protected abstract void CloseCore();
}
