using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Sluice.AspNetCore.Transport;

namespace Sluice.AspNetCore;

/// <summary>Makes connections on Sluice for who wants them as ASP.NET Core's: with pipes and features, as those that Kestrel serves.</summary>
public sealed class SluiceConnectionFactory : IConnectionFactory
{
    private readonly SluiceHost _host;

    /// <summary>Makes connections on a selector, which stays the caller's.</summary>
    /// <param name="selector">What drives them.</param>
    public SluiceConnectionFactory(SelectorManager selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        _host = new SluiceHost(selector);
    }

    internal SluiceConnectionFactory(SluiceHost host) => _host = host;

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
        StreamSocket socket = endpoint is UnixDomainSocketEndPoint unix
            ? await _host.Selector.Unix().ConnectAsync(unix, null, cancellationToken).ConfigureAwait(false)
            : await _host.Selector.Tcp().ConnectAsync(endpoint, null, cancellationToken).ConfigureAwait(false);
        return new TransportConnection(_host, socket);
    }
}
