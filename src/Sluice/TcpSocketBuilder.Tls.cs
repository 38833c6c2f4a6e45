using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Sluice.Tls;

namespace Sluice;

public sealed partial class TcpSocketBuilder
{
    /// <summary>Connects to a name or address, and a port, and runs a TLS handshake.</summary>
    /// <param name="host">The name or address. The server's certificate must be valid for it, unless the options have another target host.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="options">The options of the framework; null for the defaults: TLS 1.2 and 1.3, and the authorities that the system trusts.</param>
    /// <param name="tlsOptions">The bounds of the handshake; null for the defaults.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection, with the channels of the TLS session.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or no address accepts; the
    /// message names the last.</exception>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was rejected.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="IOException">The peer reset or went away during the handshake, or the network failed.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<StreamSocket> ConnectTlsAsync(
        string host,
        int port,
        SslClientAuthenticationOptions? options = null,
        TlsOptions? tlsOptions = null,
        Action<StreamSocketOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var handshake = new ClientHandshake(options ?? new SslClientAuthenticationOptions(), host, tlsOptions ?? new TlsOptions(), _selector.Sockets.TimeProvider);
        StreamSocket socket = await ConnectAsync(host, port, configure, cancellationToken).ConfigureAwait(false);
        try
        {
            await socket.StartTlsAsync(handshake, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            // For instance if the token was cancelled before the handshake. The caller never gets the socket.
            socket.Abort();
            throw;
        }
    }

    /// <summary>
    /// Connects as <see cref="ConnectTlsAsync"/> does, for APIs that need a <see cref="Stream"/>.
    /// </summary>
    /// <inheritdoc cref="ConnectTlsAsync" path="/param"/>
    /// <returns>
    /// The stream, which owns its connection: its disposal closes the connection; see <see cref="Connection.AsStream"/>.
    /// </returns>
    /// <inheritdoc cref="ConnectTlsAsync" path="/exception"/>
    public ValueTask<Stream> ConnectTlsStreamAsync(
        string host,
        int port,
        SslClientAuthenticationOptions? options = null,
        TlsOptions? tlsOptions = null,
        Action<StreamSocketOptions>? configure = null,
        CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectTlsAsync(host, port, options, tlsOptions, configure, cancellationToken));
}
