using System.Net;
using Sluice.Options;

namespace Sluice;

public sealed partial class StreamSocketOptions
{
    /// <summary>The default of <see cref="ConnectTimeout"/>: 30 seconds.</summary>
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The default of <see cref="ConnectionAttemptDelay"/>: 250 milliseconds (RFC 8305, 8).</summary>
    public static readonly TimeSpan DefaultConnectionAttemptDelay = TimeSpan.FromMilliseconds(250);

    // RFC 8305, 8.
    private static readonly TimeSpan s_leastAttemptDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_mostAttemptDelay = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long connecting may take before it ends with a <see cref="TimeoutException"/>: looking up the name, trying its addresses, and what
    /// is said to proxies, all together. Default: <see cref="DefaultConnectTimeout"/>; <see cref="Timeout.InfiniteTimeSpan"/> leaves it to
    /// the system, which on Linux gives up after about two minutes (<c>tcp_syn_retries</c>, tcp(7)).
    /// </summary>
    public TimeSpan ConnectTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = DefaultConnectTimeout;

    /// <summary>
    /// How long an attempt to connect to one address of a name may go on alone before the next address is tried beside it (RFC 8305, 5):
    /// 10 milliseconds to 2 seconds. One that fails is followed by the next at once. Default: <see cref="DefaultConnectionAttemptDelay"/>.
    /// </summary>
    public TimeSpan ConnectionAttemptDelay
    {
        get;
        set => field = OptionBounds.InRange(value, s_leastAttemptDelay, s_mostAttemptDelay);
    } = DefaultConnectionAttemptDelay;

    /// <summary>
    /// The end point on this side that is bound before connecting: an address of this machine, and a port or 0 for any that is free. Addresses
    /// of another family than its own are not tried. Default: null, the system chooses. Means nothing to what a listener accepts.
    /// </summary>
    public EndPoint? LocalEndPoint
    {
        get;

        // A copy: the options are used after the caller has set them, perhaps for many connections.
        set => field = value is null ? null : EndPointCopy.Of(value);
    }

    /// <summary>
    /// What the server is told first, if it expects the PROXY protocol. Sent before <c>ConnectAsync</c> returns; through proxies, to the server
    /// behind the last. Default: null, nothing. Means nothing to what a listener accepts.
    /// </summary>
    public ProxyHeader? ProxyHeader { get; set; }

    private void CopyConnecting(StreamSocketOptions other)
    {
        ConnectTimeout = other.ConnectTimeout;
        ConnectionAttemptDelay = other.ConnectionAttemptDelay;
        LocalEndPoint = other.LocalEndPoint;
        ProxyHeader = other.ProxyHeader;
    }
}
