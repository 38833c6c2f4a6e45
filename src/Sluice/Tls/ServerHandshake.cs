using System.Net.Security;
using System.Security.Authentication;

namespace Sluice.Tls;

/// <summary>Runs the server's side of a handshake.</summary>
internal sealed class ServerHandshake : TlsHandshake
{
    private readonly CertificateCheck _check;
    private readonly SslServerAuthenticationOptions _options;

    public ServerHandshake(SslServerAuthenticationOptions options, TlsOptions tlsOptions, TimeProvider timeProvider)
        : base(tlsOptions, timeProvider) => (_options, _check) = WithCheck(options, timeProvider);

    /// <summary>Copies the options, and records why a client's certificate is rejected.</summary>
    public static (SslServerAuthenticationOptions Options, CertificateCheck Check) WithCheck(SslServerAuthenticationOptions options, TimeProvider timeProvider)
    {
        SslPolicyErrors accepted = options.ClientCertificateRequired ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateNotAvailable;
        var check = new CertificateCheck(
            "the client", options.RemoteCertificateValidationCallback ?? ((_, _, _, errors) => (errors & ~accepted) == SslPolicyErrors.None), timeProvider);
        SslServerAuthenticationOptions checking = ServerAuthentication.Copy(options);
        checking.RemoteCertificateValidationCallback = check.IsValid;
        return (checking, check);
    }

    protected override Task AuthenticateAsync(SslStream ssl, CancellationToken cancellationToken) => ssl.AuthenticateAsServerAsync(_options, cancellationToken);

    protected override AuthenticationException Explain(AuthenticationException failure, string peer) => _check.Explain(failure, peer) ?? base.Explain(failure, peer);
}
