using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Certificates;

/// <summary>Writes certificates to a folder, and says so.</summary>
internal sealed class CertificateFileSet(string folder)
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

        Console.WriteLine($"{PathOf(name, "pem")}: {certificate.Subject}, SHA-256 {certificate.GetCertHashString(HashAlgorithmName.SHA256)}");
    }
}
