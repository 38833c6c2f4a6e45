using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>Reads a PFX file: a certificate with its key, and optionally its chain.</summary>
internal sealed class PfxSource(string path, string? password) : CertificateSource
{
    private byte[] _bytes = [];

    public override byte[] Read() => _bytes = ReadFile(path);

    public override SslStreamCertificateContext Parse()
    {
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(_bytes, password);
        X509Certificate2 leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException($"{path} contains no certificate with a private key.");
        all.Remove(leaf);
        return ContextOf(leaf, all);
    }
}
