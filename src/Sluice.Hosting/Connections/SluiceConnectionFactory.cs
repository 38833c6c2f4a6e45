using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Hosting.Connections;

/// <summary>Makes connections on Sluice as those of ASP.NET Core, with pipes and features: <see cref="IConnectionFactory"/> for clients.</summary>
public sealed class SluiceConnectionFactory : IConnectionFactory
{
    private readonly TransportHost _host;

    /// <summary>Makes connections on a selector, which stays the caller's.</summary>
    /// <param name="selector">What drives them.</param>
    /// <param name="options">How they work; null for the defaults. Its own <see cref="SluiceTransportOptions.Selector"/> is passed over.</param>
    public SluiceConnectionFactory(SelectorManager selector, SluiceTransportOptions? options = null) => _host = TransportHost.Create(selector, options);

    internal SluiceConnectionFactory(TransportHost host) => _host = host;

    /// <summary>Connects. Suspends until the connection is there.</summary>
    /// <param name="endpoint">
    /// Where to: an <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/>, whose addresses are tried side by side (RFC 8305), or a
    /// <see cref="UnixDomainSocketEndPoint"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection. Disposing it sends what was written and closes it.</returns>
    /// <exception cref="SocketException">Nobody accepts there, or the name does not resolve.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ObjectDisposedException">The selector is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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
