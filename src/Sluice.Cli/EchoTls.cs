using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli;

/// <summary>What <c>sluice echo --tls</c> shows: a certificate from files, which may be renewed meanwhile, or one that is thrown away.</summary>
internal sealed record EchoTls(string? CertificateFile, string? KeyFile) : IDisposable
{
    private IDisposable? _certificate;

    /// <summary>Puts a server under TLS, and says with which certificate.</summary>
    public void Use(ServerSocket server)
    {
        if (CertificateFile is null)
        {
            using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
            X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
            _certificate = certificate;
            server.UseTls(certificate);
            Console.WriteLine($"A certificate to throw away, SHA-256 {Fingerprint(certificate)}");
            return;
        }

        var options = new WatchedCertificateOptions
        {
            OnReloaded = renewed => Console.WriteLine($"The certificate is renewed, SHA-256 {Fingerprint(renewed.Certificate)}"),
            OnError = exception => Failures.Report($"{CertificateFile}: {exception.Message}"),
        };
        WatchedCertificate watched = Path.GetExtension(CertificateFile) is ".pfx" or ".p12"
            ? WatchedCertificate.FromPfx(CertificateFile, password: null, options)
            : WatchedCertificate.FromPem(CertificateFile, KeyFile, options);
        _certificate = watched;
        server.UseTls(watched);
        Console.WriteLine($"The certificate of {watched.Certificate.Subject}, SHA-256 {Fingerprint(watched.Certificate)}");
    }

    public void Dispose() => _certificate?.Dispose();

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
