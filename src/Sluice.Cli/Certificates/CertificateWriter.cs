using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Certificates;

/// <summary>Runs <c>sluice cert</c>.</summary>
internal sealed class CertificateWriter(string folder, string[] names, string client, int? days, bool rsa, bool pfx, bool force)
{
    public int Run()
    {
        string[] kinds = ["ca", "server", "client"];
        IEnumerable<string> paths = kinds.SelectMany(name => new[] { PathOf(name, "pem"), PathOf(name, "key") });
        if (pfx)
        {
            paths = paths.Concat([PathOf("server", "pfx"), PathOf("client", "pfx")]);
        }

        if (!force && paths.FirstOrDefault(File.Exists) is { } there)
        {
            return Failures.Report($"{there} already exists; use --force to overwrite it.");
        }

        Directory.CreateDirectory(folder);
        var options = new DevelopmentCertificateOptions { Key = rsa ? DevelopmentKey.Rsa2048 : DevelopmentKey.EcdsaP256 };
        if (days is { } count)
        {
            options.NotAfter = TimeProvider.System.GetUtcNow().AddDays(count);
        }

        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority(options: options);
        using X509Certificate2 serverOne = DevelopmentCertificates.CreateServer(authority, names, options);
        using X509Certificate2 clientOne = DevelopmentCertificates.CreateClient(authority, client, options);
        Write("ca", authority, withPfx: false);
        Write("server", serverOne, pfx);
        Write("client", clientOne, pfx);
        return ExitCodes.Success;
    }

    private void Write(string name, X509Certificate2 certificate, bool withPfx)
    {
        CertificateFiles.WriteKeyPem(certificate, PathOf(name, "key"));
        CertificateFiles.WritePem(certificate, PathOf(name, "pem"));
        if (withPfx)
        {
            CertificateFiles.WritePfx(certificate, PathOf(name, "pfx"));
        }

        Console.WriteLine($"{PathOf(name, "pem")}: {certificate.Subject}, SHA-256 {certificate.GetCertHashString(HashAlgorithmName.SHA256)}");
    }

    private string PathOf(string name, string extension) => Path.Combine(folder, $"{name}.{extension}");
}
