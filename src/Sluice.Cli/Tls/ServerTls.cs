using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.Output;
using Sluice.Tls;

namespace Sluice.Cli.Tls;

/// <summary>The certificate of a listener: from files, which are watched, or a throwaway one.</summary>
/// <param name="CertificateFile">The certificate with its chain; null for a throwaway one.</param>
/// <param name="KeyFile">The private key, if it is separate.</param>
/// <param name="ClientAuthorityFile">The authorities of the certificates that clients have to show; null if they need none.</param>
internal sealed record ServerTls(string? CertificateFile, string? KeyFile, string? ClientAuthorityFile = null) : IDisposable
{
    private IDisposable? _certificate;
    private ListenerTlsOptions? _options;
    private string _description = "";

    /// <summary>Gets what hears about the certificate.</summary>
    public Action<string> Announce { get; init; } = Console.WriteLine;

    /// <summary>Gets what reports that a renewed certificate cannot be read.</summary>
    public ErrorOutput Errors { get; init; } = ErrorOutput.Text;

    /// <summary>Turns on TLS for a server, and announces the certificate.</summary>
    public void Use(ServerSocket server)
    {
        Load();
        server.UseTls(_options!);
        Announce(_description);
    }

    /// <summary>Reads the files: what is wrong with them is known before there is a server.</summary>
    public void Load()
    {
        if (_options is not null)
        {
            return;
        }

        X509ChainPolicy? clients = ClientAuthorityFile is null ? null : CertificateReader.ReadAuthorities(ClientAuthorityFile);
        if (CertificateFile is null)
        {
            using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
            X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
            _certificate = certificate;
            _description = $"Throwaway certificate, SHA-256 {Fingerprint(certificate)}";
            _options = clients is null ? new ListenerTlsOptions(certificate) : new ListenerTlsOptions(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = true,
                CertificateChainPolicy = clients,
            });
            return;
        }

        var options = new WatchedCertificateOptions
        {
            OnReloaded = renewed => Announce($"Renewed certificate, SHA-256 {Fingerprint(renewed.Certificate)}"),
            OnError = exception => Errors.Report(CertificateReader.InFile(CertificateFile, exception.Message)),
        };
        WatchedCertificate watched = CertificateReader.Named(CertificateFile, () => CertificateFiles.IsPfx(CertificateFile)
            ? WatchedCertificate.FromPfx(CertificateFile, password: null, options)
            : WatchedCertificate.FromPem(CertificateFile, KeyFile, options));
        _certificate = watched;
        _description = $"Certificate of {watched.Certificate.Subject}, SHA-256 {Fingerprint(watched.Certificate)}";
        _options = clients is null ? new ListenerTlsOptions(watched) : new ListenerTlsOptions(
            (_, _, _, _) => new ValueTask<SslServerAuthenticationOptions>(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = watched.Context,
                ClientCertificateRequired = true,
                CertificateChainPolicy = clients,
            }));
    }

    public void Dispose() => _certificate?.Dispose();

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
