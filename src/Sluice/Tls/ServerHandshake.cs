using System.Net.Security;
using System.Security.Authentication;

namespace Sluice.Tls;

/// <summary>The server's side of a handshake.</summary>
internal sealed class ServerHandshake : TlsHandshake
{
    private readonly CertificateCheck _check;
    private readonly SslServerAuthenticationOptions _options;

    public ServerHandshake(SslServerAuthenticationOptions options, TlsSettings settings, TimeProvider timeProvider)
        : base(settings, timeProvider)
    {
        SslPolicyErrors accepted = options.ClientCertificateRequired ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateNotAvailable;
        _check = new CertificateCheck(
            "the client", options.RemoteCertificateValidationCallback ?? ((_, _, _, errors) => (errors & ~accepted) == SslPolicyErrors.None), timeProvider);
        _options = new SslServerAuthenticationOptions
        {
            AllowRenegotiation = options.AllowRenegotiation,
            AllowTlsResume = options.AllowTlsResume,
            ApplicationProtocols = options.ApplicationProtocols,
            CertificateChainPolicy = options.CertificateChainPolicy,
            CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
            CipherSuitesPolicy = options.CipherSuitesPolicy,
            ClientCertificateRequired = options.ClientCertificateRequired,
            EnabledSslProtocols = options.EnabledSslProtocols == SslProtocols.None ? DefaultProtocols : options.EnabledSslProtocols,
            EncryptionPolicy = options.EncryptionPolicy,
            RemoteCertificateValidationCallback = _check.IsValid,
            ServerCertificate = options.ServerCertificate,
            ServerCertificateContext = options.ServerCertificateContext,
            ServerCertificateSelectionCallback = options.ServerCertificateSelectionCallback,
        };
    }

    protected override Task AuthenticateAsync(SslStream ssl, CancellationToken cancellationToken) => ssl.AuthenticateAsServerAsync(_options, cancellationToken);

    protected override AuthenticationException Explain(AuthenticationException failure) => _check.Explain(failure) ?? base.Explain(failure);
}
