using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

/// <summary>
/// The exception that is thrown when a proxy was reached, but did not make the connection. <see cref="SocketException.SocketErrorCode"/> is the error of the
/// proxy's own attempt, if the proxy reports it.
/// </summary>
public sealed class ProxyException : SocketException
{
    internal ProxyException(SocketError error, EndPoint proxy, EndPoint target, string reason, int? replyCode = null)
        : base((int)error, $"Connecting to {SocketErrors.Describe(target)} through the proxy {SocketErrors.Describe(proxy)}: {reason}")
    {
        Proxy = proxy;
        ReplyCode = replyCode;
    }

    /// <summary>Gets the end point of the proxy.</summary>
    public EndPoint Proxy { get; }

    /// <summary>
    /// Gets the reply code of SOCKS5 (RFC 1928, 6), or the status code of HTTP; null if the proxy sent none.
    /// </summary>
    public int? ReplyCode { get; }
}
