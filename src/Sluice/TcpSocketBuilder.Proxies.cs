using System.Net;
using Sluice.Connecting;
using Sluice.Proxying;

namespace Sluice;

public sealed partial class TcpSocketBuilder
{
    /// <summary>Creates a connector through a SOCKS5 proxy (RFC 1928), which also resolves names.</summary>
    /// <param name="host">The proxy's name or address.</param>
    /// <param name="port">The port of the proxy.</param>
    /// <param name="credentials">User name and password (RFC 1929), 255 bytes of UTF-8 each at most; null for none.</param>
    /// <returns>The connector.</returns>
    /// <exception cref="ArgumentException">The host is empty, the port out of range, or the credentials cannot be encoded.</exception>
    public ProxyConnector ViaSocks5(string host, int port, NetworkCredential? credentials = null) =>
        ViaSocks5(EndPointResolver.Parse(host, port), credentials);

    /// <inheritdoc cref="ViaSocks5(string, int, NetworkCredential?)" path="/*[not(self::param)]"/>
    /// <param name="proxy">The proxy: an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</param>
    /// <param name="credentials">User name and password (RFC 1929), 255 bytes of UTF-8 each at most; null for none.</param>
    public ProxyConnector ViaSocks5(EndPoint proxy, NetworkCredential? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new ProxyConnector(_selector, this, [new Socks5Hop(ProxyTarget.Normalize(proxy), credentials)]);
    }

    /// <summary>Creates a connector through an HTTP proxy with <c>CONNECT</c> (RFC 9110, 9.3.6), which also resolves names.</summary>
    /// <param name="host">The proxy's name or address.</param>
    /// <param name="port">The port of the proxy.</param>
    /// <param name="credentials">User name and password for Basic authentication (RFC 7617); null for none.</param>
    /// <returns>The connector.</returns>
    /// <exception cref="ArgumentException">The host is empty, the port out of range, or the credentials cannot be encoded.</exception>
    public ProxyConnector ViaHttpConnect(string host, int port, NetworkCredential? credentials = null) =>
        ViaHttpConnect(EndPointResolver.Parse(host, port), credentials);

    /// <inheritdoc cref="ViaHttpConnect(string, int, NetworkCredential?)" path="/*[not(self::param)]"/>
    /// <param name="proxy">The proxy: an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</param>
    /// <param name="credentials">User name and password for Basic authentication (RFC 7617); null for none.</param>
    public ProxyConnector ViaHttpConnect(EndPoint proxy, NetworkCredential? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new ProxyConnector(_selector, this, [new HttpConnectHop(ProxyTarget.Normalize(proxy), credentials)]);
    }
}
