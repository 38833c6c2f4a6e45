using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sluice.Serving.Initializing;
using Sluice.Tls;

namespace Sluice;

public sealed partial class ServerSocket
{
    /// <summary>
    /// Puts every connection under TLS: <see cref="AcceptAsync"/> and <see cref="ServeAsync"/> then hand out those whose handshake is done,
    /// with channels of the session. Handshakes run side by side on the connections' own loops, at most
    /// <see cref="TlsOptions.MaxPendingHandshakes"/> and each for at most <see cref="TlsOptions.HandshakeTimeout"/>; one that fails is
    /// logged and closes that connection alone. To be called once, before anybody accepts.
    /// </summary>
    /// <param name="certificate">The server's certificate, with its private key.</param>
    /// <param name="settings">Bounds; null for the defaults.</param>
    /// <returns>This server.</returns>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    /// <exception cref="InvalidOperationException">The server speaks TLS already, or somebody accepts.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    public ServerSocket UseTls(X509Certificate2 certificate, TlsOptions? settings = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.HasPrivateKey
            ? UseTls(new SslServerAuthenticationOptions { ServerCertificate = certificate }, settings)
            : throw new ArgumentException("The certificate has no private key.", nameof(certificate));
    }

    /// <summary>Puts every connection under TLS; see <see cref="UseTls(X509Certificate2, TlsOptions?)"/>.</summary>
    /// <param name="options">How: certificate, protocols (TLS 1.2 and 1.3, unless it says otherwise), ALPN, clients' certificates.</param>
    /// <param name="settings">Bounds; null for the defaults.</param>
    /// <returns>This server.</returns>
    /// <exception cref="ArgumentException">The options name no certificate.</exception>
    /// <exception cref="InvalidOperationException">The server speaks TLS already, or somebody accepts.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    public ServerSocket UseTls(SslServerAuthenticationOptions options, TlsOptions? settings = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        SslServerAuthenticationOptions own = ServerOptions.Copy(options);
        return own.ServerCertificateContext is null && own.ServerCertificateSelectionCallback is null
            ? throw new ArgumentException("The options name no certificate.", nameof(options))
            : UseTls(settings ?? new TlsOptions(), bounds => new ServerHandshake(own, bounds, _context.Engine.TimeProvider));
    }

    /// <summary>
    /// Puts every connection under TLS with a certificate that is watched: when its file changes, new handshakes use the new one, and
    /// connections go on. See <see cref="UseTls(X509Certificate2, TlsOptions?)"/>.
    /// </summary>
    /// <param name="certificate">The certificate. It stays the caller's, who disposes of it after the server.</param>
    /// <param name="settings">Bounds; null for the defaults.</param>
    /// <returns>This server.</returns>
    /// <exception cref="InvalidOperationException">The server speaks TLS already, or somebody accepts.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    public ServerSocket UseTls(WatchedCertificate certificate, TlsOptions? settings = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return UseTls(
            settings ?? new TlsOptions(),
            bounds => new ServerHandshake(
                new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Context }, bounds, _context.Engine.TimeProvider));
    }

    /// <summary>
    /// Puts every connection under TLS, each as is chosen when its client has said what it wants: several names with a certificate each, for
    /// one. See <see cref="UseTls(X509Certificate2, TlsOptions?)"/>.
    /// </summary>
    /// <param name="select">
    /// Chooses by <see cref="SslClientHelloInfo.ServerName"/>, which is empty if the client names none. It is quickest with
    /// options that carry a <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/> made once. What it throws fails that one handshake.
    /// </param>
    /// <param name="state">Given to <paramref name="select"/>.</param>
    /// <param name="settings">Bounds; null for the defaults.</param>
    /// <returns>This server.</returns>
    /// <exception cref="InvalidOperationException">The server speaks TLS already, or somebody accepts.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    public ServerSocket UseTls(ServerOptionsSelectionCallback select, object? state = null, TlsOptions? settings = null)
    {
        ArgumentNullException.ThrowIfNull(select);
        return UseTls(
            settings ?? new TlsOptions(), bounds => new SelectedServerHandshake(select, state, bounds, _context.Engine.TimeProvider));
    }

    private ServerSocket UseTls(TlsOptions settings, Func<TlsOptions, TlsHandshake> createHandshake)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (Interlocked.Exchange(ref _accepting, 1) != 0)
        {
            throw new InvalidOperationException("Somebody accepts on this server; TLS has to be set up before.");
        }

        try
        {
            if (_usesTls || _server is not null || _acceptor?.HasStarted == true)
            {
                throw new InvalidOperationException(_usesTls ? "This server speaks TLS already." : "This server accepts already; TLS has to be set up before.");
            }

            var bounds = new TlsOptions(settings);
            var tls = new TlsInitializer(() => createHandshake(bounds), bounds.MaxPendingHandshakes);
            IConnectionInitializer[] preparations = _proxy is null ? [tls] : [_proxy, tls];
            _acceptor = new InitializingAcceptor(_context, _transport, preparations);
            _usesTls = true;
            return this;
        }
        finally
        {
            Volatile.Write(ref _accepting, 0);
        }
    }
}
