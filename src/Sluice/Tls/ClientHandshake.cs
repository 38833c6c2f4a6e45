using System.Net.Security;
using System.Security.Authentication;

namespace Sluice.Tls;

/// <summary>Runs the client's side of a handshake.</summary>
internal sealed class ClientHandshake : TlsHandshake
{
    private readonly CertificateCheck _check;
    private readonly SslClientAuthenticationOptions _options;

    public ClientHandshake(SslClientAuthenticationOptions options, string? host, TlsOptions tlsOptions, TimeProvider timeProvider)
        : base(tlsOptions, timeProvider)
    {
        host = options.TargetHost ?? host;
        if (string.IsNullOrEmpty(host) && options.RemoteCertificateValidationCallback is null)
        {
            throw new ArgumentException("TargetHost is not set, so the name of the server's certificate cannot be verified.", nameof(options));
        }

        _check = new CertificateCheck(host ?? string.Empty, options.RemoteCertificateValidationCallback, timeProvider);
        _options = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = options.AllowRenegotiation,
            AllowTlsResume = options.AllowTlsResume,
            ApplicationProtocols = options.ApplicationProtocols,
            CertificateChainPolicy = options.CertificateChainPolicy,
            CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
            CipherSuitesPolicy = options.CipherSuitesPolicy,
            ClientCertificateContext = options.ClientCertificateContext,
            ClientCertificates = options.ClientCertificates,
            EnabledSslProtocols = options.EnabledSslProtocols == SslProtocols.None ? DefaultProtocols : options.EnabledSslProtocols,
            EncryptionPolicy = options.EncryptionPolicy,
            LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = _check.IsValid,
            TargetHost = host,
        };
    }

    protected override Task AuthenticateAsync(SslStream ssl, CancellationToken cancellationToken) => ssl.AuthenticateAsClientAsync(_options, cancellationToken);

    protected override AuthenticationException Explain(AuthenticationException failure, string peer) => _check.Explain(failure, peer) ?? base.Explain(failure, peer);
}
