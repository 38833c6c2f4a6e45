using System.Net;
using Sluice.Options;

namespace Sluice;

/// <summary>
/// How a listener reads the PROXY protocol, version 1 or 2. Every connection from a trusted network has to begin with a header; those
/// that do not, or not in time, are reset and logged, and nobody else waits for them.
/// </summary>
public sealed class ProxyProtocolOptions
{
    /// <summary>The default of <see cref="HeaderTimeout"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultHeaderTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The default of <see cref="MaxHeaderLength"/>: 4,096 bytes.</summary>
    public const int DefaultMaxHeaderLength = 4096;

    /// <summary>The default of <see cref="MaxPendingConnections"/>: 256.</summary>
    public const int DefaultMaxPendingConnections = 256;

    // 16 bytes and two Unix-domain addresses; 16 and what a length of 16 bits can say.
    private const int LeastHeaderLength = 232;
    private const int MostHeaderLength = 65_551;

    /// <summary>
    /// The networks of the proxies: a header is believed only if it comes from one of them. Default: none, with which a listener refuses to be
    /// made, unless <see cref="UntrustedPeers"/> accepts others.
    /// </summary>
    public IList<IPNetwork> TrustedNetworks { get; } = [];

    /// <summary>What happens to connections from elsewhere. Default: <see cref="UntrustedPeers.Refuse"/>.</summary>
    public UntrustedPeers UntrustedPeers
    {
        get;
        set => field = OptionBounds.Defined(value);
    }

    /// <summary>
    /// How long a proxy may take for its header, from when its connection is accepted. Default: <see cref="DefaultHeaderTimeout"/>.
    /// </summary>
    public TimeSpan HeaderTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = DefaultHeaderTimeout;

    /// <summary>
    /// The most bytes that a header of version 2 may have, 232 to 65,551: what it says beside the addresses is skipped, but has to be received.
    /// Version 1 has a limit of its own, 107. Default: <see cref="DefaultMaxHeaderLength"/>.
    /// </summary>
    public int MaxHeaderLength
    {
        get;
        set => field = OptionBounds.InRange(value, LeastHeaderLength, MostHeaderLength);
    } = DefaultMaxHeaderLength;

    /// <summary>
    /// How many connections are taken off the kernel's queue ahead of whoever accepts: those whose header is awaited, and those whose header has
    /// come. While there are so many, more wait in the queue. Default: <see cref="DefaultMaxPendingConnections"/>.
    /// </summary>
    public int MaxPendingConnections
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultMaxPendingConnections;

    /// <summary>
    /// Whether connections of a proxy's own (<see cref="ProxyHeader.IsLocal"/>) are handed out, for proxies whose health checks speak the server's protocol.
    /// Default: false, they are closed in order when their header has come, and nothing is logged.
    /// </summary>
    public bool ServeLocalConnections { get; set; }

    internal void ThrowIfNobodyCanConnect()
    {
        if (TrustedNetworks.Count == 0 && UntrustedPeers == UntrustedPeers.Refuse)
        {
            throw new ArgumentException($"{nameof(ProxyProtocolOptions)}.{nameof(TrustedNetworks)} is empty: every connection would be refused.");
        }
    }
}
