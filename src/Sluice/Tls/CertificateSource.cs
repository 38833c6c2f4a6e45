using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>Files that hold a certificate and its key.</summary>
internal abstract class CertificateSource
{
    /// <summary>What they hold, for comparing.</summary>
    public abstract byte[] Read();

    /// <summary>The certificate that was read last.</summary>
    /// <exception cref="CryptographicException">It is none, or has no key.</exception>
    public abstract SslStreamCertificateContext Parse();

    /// <summary>Windows' TLS does not take a key that was never in a file or a store (dotnet/runtime#23749).</summary>
    public static X509Certificate2 WithUsableKey(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null, X509KeyStorageFlags.Exportable);

    // Offline: what is missing in the chain is not fetched from addresses in the certificates.
    protected static SslStreamCertificateContext ContextOf(X509Certificate2 leaf, X509Certificate2Collection others) =>
        SslStreamCertificateContext.Create(leaf, others, offline: true);
}
