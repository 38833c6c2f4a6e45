using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

/// <summary>
/// A proxy was reached, and did not make the connection that it was asked for. <see cref="SocketException.SocketErrorCode"/> is what a direct
/// attempt would have failed with, where the proxy says that.
/// </summary>
public sealed class ProxyException : SocketException
{
    internal ProxyException(SocketError error, EndPoint proxy, EndPoint target, string reason, int? replyCode = null)
        : base((int)error, $"Connecting to {SocketErrors.Describe(target)} through the proxy {SocketErrors.Describe(proxy)}: {reason}")
    {
        Proxy = proxy;
        ReplyCode = replyCode;
    }

    /// <summary>The proxy.</summary>
    public EndPoint Proxy { get; }

    /// <summary>
    /// What the proxy answered: the reply field of SOCKS5 (RFC 1928, 6), or the status code of HTTP. Null if it gave no such answer.
    /// </summary>
    public int? ReplyCode { get; }
}
