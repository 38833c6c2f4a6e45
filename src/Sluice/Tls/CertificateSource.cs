using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>Reads the files of a certificate and its key.</summary>
internal abstract class CertificateSource
{
    /// <summary>Gets a value indicating whether a file is a pipe, of which nothing is left to read again.</summary>
    public bool IsPipe { get; private set; }

    /// <summary>Reads the files, and returns their contents for a comparison.</summary>
    public abstract byte[] Read();

    /// <summary>Parses the contents that were read last.</summary>
    /// <exception cref="CryptographicException">The contents are not a certificate, or it has no key.</exception>
    public abstract SslStreamCertificateContext Parse();

    /// <summary>Copies a certificate so that TLS on Windows accepts its key, which must have been in a file or a store (dotnet/runtime#23749).</summary>
    public static X509Certificate2 WithUsableKey(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null, X509KeyStorageFlags.Exportable);

    protected byte[] ReadFile(string path)
    {
        byte[] bytes = CertificateInput.ReadBytes(path, out bool isPipe);
        IsPipe |= isPipe;
        return bytes;
    }

    // Offline: missing certificates of the chain are not downloaded.
    protected static SslStreamCertificateContext ContextOf(X509Certificate2 leaf, X509Certificate2Collection others) =>
        SslStreamCertificateContext.Create(leaf, others, offline: true);
}
