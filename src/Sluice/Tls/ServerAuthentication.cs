using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>A server's options of the framework's, as Sluice needs them.</summary>
internal static class ServerAuthentication
{
    /// <summary>
    /// A copy, which the caller's changes do not reach. Of a certificate alone it has the context, made once: making it puts the chain together,
    /// and sessions are resumed only within one.
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

        // RFC 8996: what is older than 1.2 is not to be used.
        EnabledSslProtocols = options.EnabledSslProtocols == SslProtocols.None ? SslProtocols.Tls12 | SslProtocols.Tls13 : options.EnabledSslProtocols,
        EncryptionPolicy = options.EncryptionPolicy,
        RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
        ServerCertificateContext = options.ServerCertificateContext ?? ContextOf(options.ServerCertificate),
        ServerCertificateSelectionCallback = options.ServerCertificateSelectionCallback,
    };

    // Offline: a server does not fetch what is missing in its own chain from addresses in its certificates.
    private static SslStreamCertificateContext? ContextOf(X509Certificate? certificate) =>
        certificate is X509Certificate2 { HasPrivateKey: true } own
            ? SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true)
            : null;
}
