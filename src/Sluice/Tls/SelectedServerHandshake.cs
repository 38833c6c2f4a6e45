using System.Net.Security;
using System.Security.Authentication;

namespace Sluice.Tls;

/// <summary>Runs the server's side of a handshake whose options are selected by the client's hello message.</summary>
internal sealed class SelectedServerHandshake(ServerOptionsSelectionCallback select, object? state, TlsOptions tlsOptions, TimeProvider timeProvider)
    : TlsHandshake(tlsOptions, timeProvider)
{
    private CertificateCheck? _check;

    protected override Task AuthenticateAsync(SslStream ssl, CancellationToken cancellationToken) =>
        ssl.AuthenticateAsServerAsync(SelectAsync, state, cancellationToken);

    protected override AuthenticationException Explain(AuthenticationException failure, string peer) => _check?.Explain(failure, peer) ?? base.Explain(failure, peer);

    private async ValueTask<SslServerAuthenticationOptions> SelectAsync(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken)
    {
        SslServerAuthenticationOptions selected = await select(stream, hello, state, cancellationToken).ConfigureAwait(false);
        (SslServerAuthenticationOptions options, _check) = ServerHandshake.WithCheck(selected, TimeProvider);
        return options;
    }
}
