using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>Copies the framework's options of a server.</summary>
internal static class ServerAuthentication
{
    /// <summary>
    /// Copies the options, so that the caller's later changes have no effect. A certificate becomes a context, which is created once: the creation builds the
    /// chain, and sessions can be resumed only within one context.
    /// </summary>
    public static SslServerAuthenticationOptions Copy(SslServerAuthenticationOptions options) => new()
    {
        AllowRenegotiation = options.AllowRenegotiation,
        AllowTlsResume = options.AllowTlsResume,
        ApplicationProtocols = options.ApplicationProtocols,
        CertificateChainPolicy = options.CertificateChainPolicy,
        CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
        CipherSuitesPolicy = options.CipherSuitesPolicy,
        ClientCertificateRequired = options.ClientCertificateRequired,

        // RFC 8996: versions before 1.2 must not be used.
        EnabledSslProtocols = options.EnabledSslProtocols == SslProtocols.None ? SslProtocols.Tls12 | SslProtocols.Tls13 : options.EnabledSslProtocols,
        EncryptionPolicy = options.EncryptionPolicy,
        RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
        ServerCertificateContext = options.ServerCertificateContext ?? ContextOf(options.ServerCertificate),
        ServerCertificateSelectionCallback = options.ServerCertificateSelectionCallback,
    };

    // Offline: the server does not download missing certificates of its chain.
    private static SslStreamCertificateContext? ContextOf(X509Certificate? certificate) =>
        certificate is X509Certificate2 { HasPrivateKey: true } own
            ? SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true)
            : null;
}
