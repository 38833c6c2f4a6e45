using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli;

/// <summary>The certificate of <c>sluice echo --tls</c>: from files, which are watched, or a throwaway one.</summary>
internal sealed record EchoTls(string? CertificateFile, string? KeyFile) : IDisposable
{
    private IDisposable? _certificate;

    /// <summary>Turns on TLS for a server, and prints the certificate.</summary>
    public void Use(ServerSocket server)
    {
        if (CertificateFile is null)
        {
            using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
            X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
            _certificate = certificate;
            server.UseTls(certificate);
            Console.WriteLine($"Throwaway certificate, SHA-256 {Fingerprint(certificate)}");
            return;
        }

        var options = new WatchedCertificateOptions
        {
            OnReloaded = renewed => Console.WriteLine($"Renewed certificate, SHA-256 {Fingerprint(renewed.Certificate)}"),
            OnError = exception => Failures.Report($"{CertificateFile}: {exception.Message}"),
        };
        WatchedCertificate watched = Path.GetExtension(CertificateFile) is ".pfx" or ".p12"
            ? WatchedCertificate.FromPfx(CertificateFile, password: null, options)
            : WatchedCertificate.FromPem(CertificateFile, KeyFile, options);
        _certificate = watched;
        server.UseTls(watched);
        Console.WriteLine($"Certificate of {watched.Certificate.Subject}, SHA-256 {Fingerprint(watched.Certificate)}");
    }

    public void Dispose() => _certificate?.Dispose();

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
