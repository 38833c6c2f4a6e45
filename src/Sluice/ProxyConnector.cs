using System.Net;
using System.Net.Sockets;
using Sluice.Connecting;
using Sluice.Proxying;

namespace Sluice;

/// <summary>
/// Makes TCP connections through a proxy, or through a chain of them. Immutable. Created by
/// <see cref="TcpSocketBuilder.ViaSocks5(string, int, NetworkCredential?)"/> and
/// <see cref="TcpSocketBuilder.ViaHttpConnect(string, int, NetworkCredential?)"/>.
/// </summary>
public sealed class ProxyConnector
{
    private readonly SelectorManager _selector;
    private readonly TcpSocketBuilder _tcp;
    private readonly ProxyHop[] _hops;

    internal ProxyConnector(SelectorManager selector, TcpSocketBuilder tcp, ProxyHop[] hops)
    {
        _selector = selector;
        _tcp = tcp;
        _hops = hops;
    }

    /// <summary>Adds a SOCKS5 proxy to the chain.</summary>
    /// <param name="proxy">The proxy. The previous proxy resolves its name.</param>
    /// <param name="credentials">User name and password (RFC 1929), 255 bytes of UTF-8 each at most; null for none.</param>
    /// <returns>A new connector; this one does not change.</returns>
    /// <exception cref="ArgumentException">The end point is not an address or a name, or the credentials cannot be encoded.</exception>
    public ProxyConnector ViaSocks5(EndPoint proxy, NetworkCredential? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new ProxyConnector(_selector, _tcp, [.. _hops, new Socks5Hop(ProxyTarget.Normalize(proxy), credentials)]);
    }

    /// <summary>Adds an HTTP proxy with <c>CONNECT</c> to the chain.</summary>
    /// <param name="proxy">The proxy. The previous proxy resolves its name.</param>
    /// <param name="credentials">User name and password for Basic authentication (RFC 7617); null for none.</param>
    /// <returns>A new connector; this one does not change.</returns>
    /// <exception cref="ArgumentException">The end point is not an address or a name, or the credentials cannot be encoded.</exception>
    public ProxyConnector ViaHttpConnect(EndPoint proxy, NetworkCredential? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new ProxyConnector(_selector, _tcp, [.. _hops, new HttpConnectHop(ProxyTarget.Normalize(proxy), credentials)]);
    }

    /// <summary>Connects to a name or address, and a port. The last proxy resolves names.</summary>
    /// <param name="host">The name or address.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="configure">Changes the connection's options. <see cref="StreamSocketOptions.ConnectTimeout"/> includes the connection to the first
    /// proxy and the requests to all proxies.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection. Its <see cref="StreamSocket.RemoteEndPoint"/> is the target, its
    /// <see cref="StreamSocket.TransportRemoteEndPoint"/> the first proxy.</returns>
    /// <exception cref="ProxyException">A proxy did not make the connection: it or the address cannot be reached, the login is refused, or its
    /// answer is incomplete or malformed.</exception>
    /// <exception cref="SocketException">The first proxy cannot be reached.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ArgumentException">The host is not a valid name, or the port is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> ConnectAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(EndPointResolver.Parse(host, port), configure, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/*[not(self::param)]"/>
    /// <param name="endPoint">The target: an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</param>
    /// <param name="configure">Changes the connection's options. <see cref="StreamSocketOptions.ConnectTimeout"/> includes the connection to the first
    /// proxy and the requests to all proxies.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public ValueTask<StreamSocket> ConnectAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        EndPoint target = ProxyTarget.Normalize(endPoint);
        return new Connector(_selector.Context, _selector.Names, _tcp.OptionsFor(configure), _hops).ConnectAsync(target, cancellationToken);
    }

    /// <summary>
    /// Connects as <see cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)"/> does, for APIs that need a <see cref="Stream"/>, such
    /// as <see cref="System.Net.Http.SocketsHttpHandler.ConnectCallback"/>.
    /// </summary>
    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    /// <returns>
    /// The stream, which owns its connection: its disposal closes the connection; see <see cref="Connection.AsStream"/>.
    /// </returns>
    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/exception"/>
    public ValueTask<Stream> ConnectStreamAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(host, port, configure, cancellationToken));

    /// <inheritdoc cref="ConnectStreamAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/*[not(self::param)]"/>
    /// <inheritdoc cref="ConnectAsync(EndPoint, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    public ValueTask<Stream> ConnectStreamAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(endPoint, configure, cancellationToken));
}
