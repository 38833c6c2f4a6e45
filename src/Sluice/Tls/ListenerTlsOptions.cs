using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice;

/// <summary>
/// Represents how a listener speaks TLS: its certificate, or a callback that selects one for each client, and the bounds of a handshake. Immutable, so that
/// one object serves several listeners.
/// </summary>
/// <remarks>
/// <see cref="ServerSocket.AcceptAsync"/> and <see cref="ServerSocket.ServeAsync"/> then return connections whose handshake is done, with channels of the
/// session. Handshakes run side by side on the connections' own loops, at most <see cref="TlsOptions.MaxPendingHandshakes"/> and each for at most
/// <see cref="TlsOptions.HandshakeTimeout"/>. A handshake that fails is logged and closes that connection only.
/// </remarks>
public sealed class ListenerTlsOptions
{
    private readonly Func<TlsOptions, TimeProvider, TlsHandshake> _createHandshake;
    private readonly TlsOptions _tlsOptions;

    /// <summary>Creates options with one certificate.</summary>
    /// <param name="certificate">The server's certificate, with its private key.</param>
    /// <param name="tlsOptions">The bounds of a handshake; null for the defaults.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public ListenerTlsOptions(X509Certificate2 certificate, TlsOptions? tlsOptions = null)
        : this(OptionsOf(certificate), tlsOptions)
    {
    }

    /// <summary>Creates options from the framework's own.</summary>
    /// <param name="options">The certificate, the protocols (default: TLS 1.2 and 1.3), ALPN, and what is required of clients' certificates. Copied.</param>
    /// <param name="tlsOptions">The bounds of a handshake; null for the defaults.</param>
    /// <exception cref="ArgumentException">The options have no certificate.</exception>
    public ListenerTlsOptions(SslServerAuthenticationOptions options, TlsOptions? tlsOptions = null)
        : this(CreatorOf(options), tlsOptions)
    {
    }

    /// <summary>
    /// Creates options with a certificate whose files are watched: when they change, new handshakes use the new certificate, and open connections continue.
    /// </summary>
    /// <param name="certificate">The certificate. The caller keeps it, and disposes of it after the listener.</param>
    /// <param name="tlsOptions">The bounds of a handshake; null for the defaults.</param>
    public ListenerTlsOptions(WatchedCertificate certificate, TlsOptions? tlsOptions = null)
        : this(CreatorOf(certificate), tlsOptions)
    {
    }

    /// <summary>Creates options with a callback that selects how each handshake is done, for instance by the name that the client asks for.</summary>
    /// <param name="select">
    /// Selects by <see cref="SslClientHelloInfo.ServerName"/>, which is empty if the client sends no name. Options that share one
    /// <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/> are the fastest. An exception fails that handshake only.
    /// </param>
    /// <param name="state">The value that <paramref name="select"/> receives.</param>
    /// <param name="tlsOptions">The bounds of a handshake; null for the defaults.</param>
    public ListenerTlsOptions(ServerOptionsSelectionCallback select, object? state = null, TlsOptions? tlsOptions = null)
        : this(CreatorOf(select, state), tlsOptions)
    {
    }

    private ListenerTlsOptions(Func<TlsOptions, TimeProvider, TlsHandshake> createHandshake, TlsOptions? tlsOptions)
    {
        _createHandshake = createHandshake;
        _tlsOptions = new TlsOptions(tlsOptions ?? new TlsOptions());
    }

    internal int MaxPendingHandshakes => _tlsOptions.MaxPendingHandshakes;

    internal TlsHandshake CreateHandshake(TimeProvider timeProvider) => _createHandshake(_tlsOptions, timeProvider);

    private static SslServerAuthenticationOptions OptionsOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.HasPrivateKey
            ? new SslServerAuthenticationOptions { ServerCertificate = certificate }
            : throw new ArgumentException("The certificate has no private key.", nameof(certificate));
    }

    private static Func<TlsOptions, TimeProvider, TlsHandshake> CreatorOf(SslServerAuthenticationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SslServerAuthenticationOptions own = ServerAuthentication.Copy(options);
        return own.ServerCertificateContext is null && own.ServerCertificateSelectionCallback is null
            ? throw new ArgumentException("The options have no certificate.", nameof(options))
            : (bounds, timeProvider) => new ServerHandshake(own, bounds, timeProvider);
    }

    private static Func<TlsOptions, TimeProvider, TlsHandshake> CreatorOf(WatchedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return (bounds, timeProvider) => new ServerHandshake(
            new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Context }, bounds, timeProvider);
    }

    private static Func<TlsOptions, TimeProvider, TlsHandshake> CreatorOf(ServerOptionsSelectionCallback select, object? state)
    {
        ArgumentNullException.ThrowIfNull(select);
        return (bounds, timeProvider) => new SelectedServerHandshake(select, state, bounds, timeProvider);
    }
}
