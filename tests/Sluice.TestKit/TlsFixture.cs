using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.TestKit;

/// <summary>Tests of TLS: an authority of their own, and connections under it.</summary>
public abstract class TlsFixture(SelectorEngine engine) : BothEngines(engine)
{
    protected static X509Certificate2 Authority => TestCertificates.Authority;

    protected static X509Certificate2 ServerCertificate => TestCertificates.Server;

    protected static X509Certificate2 ClientCertificate => TestCertificates.Client;

    protected static SslServerAuthenticationOptions Serving(X509Certificate2? certificate = null) =>
        new() { ServerCertificate = certificate ?? ServerCertificate };

    /// <summary>A client that trusts the tests' authority, and no other.</summary>
    protected static SslClientAuthenticationOptions Trusting(
        string host = "localhost", SslProtocols protocol = SslProtocols.None, X509Certificate2? authority = null) => new()
        {
            TargetHost = host,
            EnabledSslProtocols = protocol,
            CertificateChainPolicy = Policy(authority ?? Authority),
        };

    protected static X509ChainPolicy Policy(X509Certificate2 authority) => TestCertificates.Trusting(authority);

    /// <summary>Two connections under TLS.</summary>
    protected async Task<(Connection Client, Connection Server)> ConnectTlsAsync(
        SslClientAuthenticationOptions? client = null, SslServerAuthenticationOptions? server = null, TlsOptions? settings = null)
    {
        (Connection near, Connection far) = await ConnectPairAsync();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(server ?? Serving(), settings).AsTask();
        Connection secured = await near.UpgradeToTlsClientAsync(client ?? Trusting(), settings).Soon();
        return (secured, await serving.Soon());
    }

    /// <summary>How a client's handshake with a server that shows this certificate fails.</summary>
    protected async Task<AuthenticationException> RefusalAsync(X509Certificate2 certificate, SslClientAuthenticationOptions options)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (server)
        {
            Task<Connection> serving = server.UpgradeToTlsServerAsync(Serving(certificate)).AsTask();
            AuthenticationException refused = Assert.ThrowsAsync<AuthenticationException>(
                async () => await client.UpgradeToTlsClientAsync(options).Soon())!;

            // With TLS 1.3 the server is done before the client refuses.
            await Task.WhenAny(serving).Soon();
            return refused;
        }
    }
}
