using System.Threading.RateLimiting;
using Sluice.Options;

namespace Sluice;

public sealed partial class ServeOptions
{
    /// <summary>
    /// Gets or sets the number of connections from one IP address that are served at the same time; further ones are reset when they are accepted. Default:
    /// <see cref="int.MaxValue"/>, no limit. Clients behind one router or proxy share an address. May be set while a server serves; connections that were
    /// accepted without a limit are not counted.
    /// </summary>
    public int MaxConnectionsPerAddress
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = int.MaxValue;

    /// <summary>
    /// Gets or sets the rate limiter of accepts: each connection acquires a permit, and returns it when it ends. While a connection is queued for a permit, no
    /// others are accepted; a connection that the limiter does not queue is reset. Default: null, no limit. The caller disposes of it after serving.
    /// </summary>
    public RateLimiter? AcceptLimiter { get; set; }

    /// <summary>
    /// Gets or sets the callback that decides whether a connection is served. It is called before the handler, on the connection's event loop, with the
    /// handler's token. If it returns false or throws, the connection is reset; an exception is logged. Other connections do not wait for it, but the
    /// connection counts as served. Default: null, all are admitted.
    /// </summary>
    public Func<StreamSocket, CancellationToken, ValueTask<bool>>? Admit { get; set; }

    /// <summary>
    /// Gets or sets the callback that receives each connection that is aborted because it was still open at the end of the grace. Its exceptions are logged.
    /// Default: null.
    /// </summary>
    public Action<Connection>? OnAborted { get; set; }
}
