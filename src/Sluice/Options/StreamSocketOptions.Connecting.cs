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
    /// Gets or sets how long a connect may take before it throws a <see cref="TimeoutException"/>: the name lookup, the attempts to connect, and the requests to
    /// proxies, all together. Default: <see cref="DefaultConnectTimeout"/>. With <see cref="Timeout.InfiniteTimeSpan"/>, the system decides: on Linux after
    /// about two minutes (<c>tcp_syn_retries</c>, tcp(7)).
    /// </summary>
    public TimeSpan ConnectTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = DefaultConnectTimeout;

    /// <summary>
    /// Gets or sets how long an attempt to connect to one address of a name runs alone before the next address is tried in parallel (RFC 8305, 5):
    /// 10 milliseconds to 2 seconds. After a failure, the next attempt starts at once. Default: <see cref="DefaultConnectionAttemptDelay"/>.
    /// </summary>
    public TimeSpan ConnectionAttemptDelay
    {
        get;
        set => field = OptionBounds.InRange(value, s_leastAttemptDelay, s_mostAttemptDelay);
    } = DefaultConnectionAttemptDelay;

    /// <summary>
    /// Gets or sets the local end point that is bound before the connect: an address of this machine, and a port, or 0 for any free one. Addresses of
    /// another family are not tried. Default: null, the system's choice. Ignored for accepted connections.
    /// </summary>
    /// <exception cref="ArgumentException">The end point is a name: what is bound is not looked up.</exception>
    public EndPoint? LocalEndPoint
    {
        get;

        // A copy: the options are used after the caller has set them, perhaps for many connections.
        set => field = value switch
        {
            null => null,
            DnsEndPoint => throw new ArgumentException($"The local end point has to be an address, and '{value}' is a name.", nameof(value)),
            _ => EndPointCopy.Of(value),
        };
    }

    /// <summary>
    /// Gets or sets the PROXY header that is sent to the server before <c>ConnectAsync</c> returns; through proxies, to the server behind the last one.
    /// Default: null, none. Ignored for accepted connections.
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
