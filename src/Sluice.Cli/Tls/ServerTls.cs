using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Tls;

/// <summary>The certificate of a listener: from files, which are watched, or a throwaway one.</summary>
/// <param name="CertificateFile">The certificate with its chain; null for a throwaway one.</param>
/// <param name="KeyFile">The private key, if it is separate.</param>
/// <param name="ClientAuthorityFile">The authorities of the certificates that clients have to show; null if they need none.</param>
internal sealed record ServerTls(string? CertificateFile, string? KeyFile, string? ClientAuthorityFile = null) : IDisposable
{
    private IDisposable? _certificate;

    /// <summary>Gets what hears about the certificate.</summary>
    public Action<string> Announce { get; init; } = Console.WriteLine;

    /// <summary>Turns on TLS for a server, and announces the certificate.</summary>
    public void Use(ServerSocket server)
    {
        if (CertificateFile is null)
        {
            using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
            X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
            _certificate = certificate;
            Use(server, certificate);
            Announce($"Throwaway certificate, SHA-256 {Fingerprint(certificate)}");
            return;
        }

        var options = new WatchedCertificateOptions
        {
            OnReloaded = renewed => Announce($"Renewed certificate, SHA-256 {Fingerprint(renewed.Certificate)}"),
            OnError = exception => Failures.Report($"{CertificateFile}: {exception.Message}"),
        };
        WatchedCertificate watched = CertificateReader.IsPfx(CertificateFile)
            ? WatchedCertificate.FromPfx(CertificateFile, password: null, options)
            : WatchedCertificate.FromPem(CertificateFile, KeyFile, options);
        _certificate = watched;
        if (ClientAuthorityFile is null)
        {
            server.UseTls(watched);
        }
        else
        {
            X509ChainPolicy policy = CertificateReader.ReadAuthorities(ClientAuthorityFile);
            server.UseTls((_, _, _, _) => new ValueTask<SslServerAuthenticationOptions>(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = watched.Context,
                ClientCertificateRequired = true,
                CertificateChainPolicy = policy,
            }));
        }

        Announce($"Certificate of {watched.Certificate.Subject}, SHA-256 {Fingerprint(watched.Certificate)}");
    }

    public void Dispose() => _certificate?.Dispose();

    private void Use(ServerSocket server, X509Certificate2 certificate)
    {
        if (ClientAuthorityFile is null)
        {
            server.UseTls(certificate);
            return;
        }

        server.UseTls(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            CertificateChainPolicy = CertificateReader.ReadAuthorities(ClientAuthorityFile),
        });
    }

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
