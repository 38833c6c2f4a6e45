using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Hosting.Connections;

/// <summary>Makes client connections on Sluice for code that uses ASP.NET Core's connection abstractions.</summary>
public sealed class SluiceConnectionFactory : IConnectionFactory
{
    private readonly TransportHost _host;

    /// <summary>Creates a factory on a selector that the caller owns.</summary>
    /// <param name="selector">Runs the connections.</param>
    /// <param name="options">The options; null for the defaults. <see cref="SluiceTransportOptions.Selector"/> is ignored.</param>
    public SluiceConnectionFactory(SelectorManager selector, SluiceTransportOptions? options = null) => _host = TransportHost.Create(selector, options);

    internal SluiceConnectionFactory(TransportHost host) => _host = host;

    /// <summary>Connects to an end point.</summary>
    /// <param name="endpoint">
    /// An <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/>, whose addresses are tried with Happy Eyeballs (RFC 8305), or a
    /// <see cref="UnixDomainSocketEndPoint"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The connection. Disposing it sends written data and closes it.</returns>
    /// <exception cref="SocketException">No server accepts the connection, or the name does not resolve.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ObjectDisposedException">The selector is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Action<StreamSocketOptions>? configure = _host.Options.ConfigureConnect;
        StreamSocket socket = endpoint is UnixDomainSocketEndPoint unix
            ? await _host.Selector.Unix().ConnectAsync(unix, configure, cancellationToken).ConfigureAwait(false)
            : await _host.Selector.Tcp().ConnectAsync(endpoint, configure, cancellationToken).ConfigureAwait(false);
        return new TransportConnection(_host, socket);
    }
}
