using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sluice.Tls;

/// <summary>Reads PEM files: a certificate with its chain, and its key in the same file or in another.</summary>
internal sealed class PemSource(string certificatePath, string? keyPath) : CertificateSource
{
    private string _certificate = string.Empty;
    private string _key = string.Empty;

    public override byte[] Read()
    {
        _certificate = CertificateInput.TextOf(ReadFile(certificatePath));
        _key = keyPath is null ? _certificate : CertificateInput.TextOf(ReadFile(keyPath));
        return Encoding.UTF8.GetBytes($"{_certificate}\0{_key}");
    }

    public override SslStreamCertificateContext Parse()
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(_certificate);
        if (all.Count == 0)
        {
            throw new CryptographicException($"{certificatePath} contains no certificate.");
        }

        using X509Certificate2 leaf = Join();
        all.RemoveAt(0);
        return ContextOf(WithUsableKey(leaf), all);
    }

    private X509Certificate2 Join()
    {
        try
        {
            return X509Certificate2.CreateFromPem(_certificate, _key);
        }
        catch (ArgumentException exception)
        {
            throw new CryptographicException($"The key does not match the certificate in {certificatePath}.", exception);
        }
    }
}
