using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sluice.Serving.Initializing;

namespace Sluice;

public sealed partial class ServerSocket
{
    /// <summary>
    /// Requires TLS of every connection, as <see cref="TcpListenerOptions.Tls"/> does: for a listener that was not made with options, such as one that was
    /// adopted. Must be called once, before the first accept.
    /// </summary>
    /// <param name="options">The certificate and the bounds of a handshake.</param>
    /// <returns>This server.</returns>
    /// <exception cref="InvalidOperationException">The server speaks TLS already, or accepts already.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    public ServerSocket UseTls(ListenerTlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SetUp("TLS", () => _tls = _tls is null
            ? new TlsInitializer(options, _context.Engine.TimeProvider)
            : throw new InvalidOperationException("This server speaks TLS already."));
        return this;
    }

    /// <summary>Requires TLS of every connection; short for <see cref="UseTls(ListenerTlsOptions)"/>.</summary>
    /// <inheritdoc cref="ListenerTlsOptions(X509Certificate2, TlsOptions?)" path="/param"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/returns"/>
    /// <inheritdoc cref="ListenerTlsOptions(X509Certificate2, TlsOptions?)" path="/exception"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/exception"/>
    public ServerSocket UseTls(X509Certificate2 certificate, TlsOptions? tlsOptions = null) => UseTls(new ListenerTlsOptions(certificate, tlsOptions));

    /// <inheritdoc cref="UseTls(X509Certificate2, TlsOptions?)" path="/summary"/>
    /// <inheritdoc cref="ListenerTlsOptions(SslServerAuthenticationOptions, TlsOptions?)" path="/param"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/returns"/>
    /// <inheritdoc cref="ListenerTlsOptions(SslServerAuthenticationOptions, TlsOptions?)" path="/exception"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/exception"/>
    public ServerSocket UseTls(SslServerAuthenticationOptions options, TlsOptions? tlsOptions = null) => UseTls(new ListenerTlsOptions(options, tlsOptions));

    /// <inheritdoc cref="UseTls(X509Certificate2, TlsOptions?)" path="/summary"/>
    /// <inheritdoc cref="ListenerTlsOptions(WatchedCertificate, TlsOptions?)" path="/param"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/returns"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/exception"/>
    public ServerSocket UseTls(WatchedCertificate certificate, TlsOptions? tlsOptions = null) => UseTls(new ListenerTlsOptions(certificate, tlsOptions));

    /// <inheritdoc cref="UseTls(X509Certificate2, TlsOptions?)" path="/summary"/>
    /// <inheritdoc cref="ListenerTlsOptions(ServerOptionsSelectionCallback, object?, TlsOptions?)" path="/param"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/returns"/>
    /// <inheritdoc cref="UseTls(ListenerTlsOptions)" path="/exception"/>
    public ServerSocket UseTls(ServerOptionsSelectionCallback select, object? state = null, TlsOptions? tlsOptions = null) =>
        UseTls(new ListenerTlsOptions(select, state, tlsOptions));

    // No call accepts during the change.
    private void SetUp(string what, Action change)
    {
        ThrowIfClosed();
        bool accepts = Interlocked.Exchange(ref _accepting, 1) != 0;
        try
        {
            if (accepts || _server is not null || _acceptor?.HasStarted == true)
            {
                throw new InvalidOperationException($"This server accepts already; {what} must be set up before.");
            }

            change();
            _acceptor = CreateAcceptor();
        }
        finally
        {
            if (!accepts)
            {
                Volatile.Write(ref _accepting, 0);
            }
        }
    }
}
