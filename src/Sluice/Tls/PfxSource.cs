using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>A PFX file: a certificate with its key, and perhaps its chain.</summary>
internal sealed class PfxSource(string path, string? password) : CertificateSource
{
    private byte[] _bytes = [];

    public override byte[] Read() => _bytes = File.ReadAllBytes(path);

    public override SslStreamCertificateContext Parse()
    {
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(_bytes, password);
        X509Certificate2 leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException($"There is no certificate with a private key in {path}.");
        all.Remove(leaf);
        return ContextOf(leaf, all);
    }
}
