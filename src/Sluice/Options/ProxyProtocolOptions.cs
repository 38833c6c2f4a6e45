using System.Net;
using Sluice.Options;

namespace Sluice;

/// <summary>
/// Represents the options of a listener that reads the PROXY protocol, version 1 or 2. Every connection from a trusted network must begin with a header. Those
/// that do not, or not in time, are reset and logged; other connections do not wait for them.
/// </summary>
public sealed class ProxyProtocolOptions
{
    /// <summary>The default of <see cref="HeaderTimeout"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultHeaderTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The default of <see cref="MaxHeaderLength"/>: 4,096 bytes.</summary>
    public const int DefaultMaxHeaderLength = 4096;

    /// <summary>The default of <see cref="MaxPendingConnections"/>: 256.</summary>
    public const int DefaultMaxPendingConnections = 256;

    // 16 bytes and two Unix-domain addresses; 16 bytes and the largest 16-bit length.
    private const int LeastHeaderLength = 232;
    private const int MostHeaderLength = 65_551;

    /// <summary>
    /// Gets the networks of the proxies. Headers are accepted only from them. Default: none, with which a bind throws unless <see cref="UntrustedPeers"/>
    /// accepts others.
    /// </summary>
    public IList<IPNetwork> TrustedNetworks { get; } = [];

    /// <summary>Gets or sets how connections from other networks are treated. Default: <see cref="UntrustedPeers.Refuse"/>.</summary>
    public UntrustedPeers UntrustedPeers
    {
        get;
        set => field = OptionBounds.Defined(value);
    }

    /// <summary>
    /// Gets or sets how long a proxy may take to send its header after its connection is accepted. Default: <see cref="DefaultHeaderTimeout"/>.
    /// </summary>
    public TimeSpan HeaderTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = DefaultHeaderTimeout;

    /// <summary>
    /// Gets or sets the maximum number of bytes of a header of version 2, 232 to 65,551: data beside the addresses is skipped, but has to be received.
    /// Version 1 has a limit of its own, 107. Default: <see cref="DefaultMaxHeaderLength"/>.
    /// </summary>
    public int MaxHeaderLength
    {
        get;
        set => field = OptionBounds.InRange(value, LeastHeaderLength, MostHeaderLength);
    } = DefaultMaxHeaderLength;

    /// <summary>
    /// Gets or sets the number of connections that are taken from the kernel's queue before the caller accepts them: those that wait for their header, and
    /// those whose header has arrived. At the limit, further connections wait in the queue. Default: <see cref="DefaultMaxPendingConnections"/>.
    /// </summary>
    public int MaxPendingConnections
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultMaxPendingConnections;

    /// <summary>
    /// Gets or sets a value indicating whether a proxy's own connections (<see cref="ProxyHeader.IsLocal"/>) are accepted, for proxies whose health checks use
    /// the server's protocol. Default: false, they are closed in order when their header has arrived, and not logged.
    /// </summary>
    public bool ServeLocalConnections { get; set; }

    internal void ThrowIfRefusesAll()
    {
        if (TrustedNetworks.Count == 0 && UntrustedPeers == UntrustedPeers.Refuse)
        {
            throw new ArgumentException($"{nameof(ProxyProtocolOptions)}.{nameof(TrustedNetworks)} is empty: every connection would be refused.");
        }
    }
}
