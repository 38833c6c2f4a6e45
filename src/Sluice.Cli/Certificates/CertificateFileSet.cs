using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;
using Sluice.Tls;

namespace Sluice.Cli.Certificates;

/// <summary>Writes certificates to a folder, and says so.</summary>
internal sealed class CertificateFileSet(string folder, bool json)
{
    public string PathOf(string name, string extension) => Path.Combine(folder, $"{name}.{extension}");

    /// <summary>Writes a certificate and its key. The key comes first: a server that watches the certificate finds both.</summary>
    public void Write(string name, X509Certificate2 certificate, bool withPfx)
    {
        CertificateFiles.WriteKeyPem(certificate, PathOf(name, "key"));
        CertificateFiles.WritePem(certificate, PathOf(name, "pem"));
        if (withPfx)
        {
            CertificateFiles.WritePfx(certificate, PathOf(name, "pfx"));
        }

        string hash = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        Console.WriteLine(json
            ? JsonLine.Of(("file", PathOf(name, "pem")), ("subject", certificate.Subject), ("notAfter", CertificateText.Time(certificate.NotAfter)), ("sha256", hash))
            : $"{PathOf(name, "pem")}: {certificate.Subject}, SHA-256 {hash}");
    }
}
