using System.Threading.RateLimiting;
using Sluice.Options;

namespace Sluice;

public sealed partial class ServeOptions
{
    /// <summary>
    /// How many connections from one IP address are served at once; further ones are reset as soon as they are accepted. Default:
    /// <see cref="int.MaxValue"/>, as many as like. Clients behind one router or proxy share an address. May be
    /// set while a server serves; of connections that were accepted while there was no limit, none is counted.
    /// </summary>
    public int MaxConnectionsPerAddress
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = int.MaxValue;

    /// <summary>
    /// How fast connections are accepted: each takes a permit, and gives it back when it ends. While one is queued for a permit no others are
    /// accepted; one that the limiter does not queue is reset. Default: null, no limit. The caller disposes of it, after serving.
    /// </summary>
    public RateLimiter? AcceptLimiter { get; set; }

    /// <summary>
    /// Asked of each connection before its handler starts, on its own event loop: false resets it, and so does an exception, which is logged.
    /// The token is the handler's. Nobody else waits meanwhile; but the connection counts as served. Default: null, all are admitted.
    /// </summary>
    public Func<StreamSocket, CancellationToken, ValueTask<bool>>? Admit { get; set; }

    /// <summary>
    /// Told of each connection that was still open when the grace had passed and is aborted. Default: null. What it throws is logged.
    /// </summary>
    public Action<Connection>? OnAborted { get; set; }
}
