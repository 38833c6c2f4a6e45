using System.Net;
using System.Net.Sockets;
using Sluice.Connecting;
using Sluice.Proxying;

namespace Sluice;

/// <summary>
/// Makes TCP connections through a proxy, or through several, of which each is reached through the one before. Immutable. Made by
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

    /// <summary>Goes on through a SOCKS5 proxy.</summary>
    /// <param name="proxy">The proxy, as the one before it finds it: a name is looked up there.</param>
    /// <param name="credentials">User name and password (RFC 1929), 255 bytes of UTF-8 each at most; null for none.</param>
    /// <returns>What connects; this one stays as it is.</returns>
    /// <exception cref="ArgumentException">No proxy can be asked for this end point, or the credentials cannot be said.</exception>
    public ProxyConnector ViaSocks5(EndPoint proxy, NetworkCredential? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new ProxyConnector(_selector, _tcp, [.. _hops, new Socks5Hop(ProxyTarget.Normalize(proxy), credentials)]);
    }

    /// <summary>Goes on through an HTTP proxy that knows <c>CONNECT</c>.</summary>
    /// <param name="proxy">The proxy, as the one before it finds it: a name is looked up there.</param>
    /// <param name="credentials">User name and password for Basic authentication (RFC 7617); null for none.</param>
    /// <returns>What connects; this one stays as it is.</returns>
    /// <exception cref="ArgumentException">No proxy can be asked for this end point, or the credentials cannot be said.</exception>
    public ProxyConnector ViaHttpConnect(EndPoint proxy, NetworkCredential? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new ProxyConnector(_selector, _tcp, [.. _hops, new HttpConnectHop(ProxyTarget.Normalize(proxy), credentials)]);
    }

    /// <summary>Connects to a name or address, and a port. Names are looked up by the last proxy.</summary>
    /// <param name="host">The name or address.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="configure">Changes the connection's options. <see cref="StreamSocketOptions.ConnectTimeout"/> bounds all of it: reaching
    /// the first proxy and what each is asked.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection. Its <see cref="StreamSocket.RemoteEndPoint"/> is what was asked for, its
    /// <see cref="StreamSocket.TransportRemoteEndPoint"/> the first proxy.</returns>
    /// <exception cref="ProxyException">A proxy makes no connection: it, or the address, cannot be reached, the login is refused, or its answer
    /// is cut off or makes no sense.</exception>
    /// <exception cref="SocketException">The first proxy cannot be reached.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ArgumentException">The host is not the name of one, or the port out of range.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> ConnectAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(EndPointResolver.Parse(host, port), configure, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)"/>
    /// <param name="endPoint">Where: an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</param>
    /// <param name="configure">Changes the connection's options. <see cref="StreamSocketOptions.ConnectTimeout"/> bounds all of it: reaching
    /// the first proxy and what each is asked.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public ValueTask<StreamSocket> ConnectAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        EndPoint target = ProxyTarget.Normalize(endPoint);
        return new Connector(_selector.Context, _selector.Names, _tcp.OptionsFor(configure), _hops).ConnectAsync(target, cancellationToken);
    }

    /// <summary>
    /// As <see cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)"/>, for callers that take a <see cref="Stream"/>: a driver
    /// of a database, or <see cref="System.Net.Http.SocketsHttpHandler.ConnectCallback"/>.
    /// </summary>
    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    /// <returns>
    /// The stream, which owns its connection: disposing it closes the connection; see <see cref="Connection.AsStream"/>.
    /// </returns>
    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/exception"/>
    public ValueTask<Stream> ConnectStreamAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(host, port, configure, cancellationToken));

    /// <inheritdoc cref="ConnectStreamAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)"/>
    /// <inheritdoc cref="ConnectAsync(EndPoint, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    public ValueTask<Stream> ConnectStreamAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(endPoint, configure, cancellationToken));
}
