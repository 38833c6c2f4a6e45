using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tests.Tls;

/// <summary>A client that asks the authority's list, which is served here, whether a certificate is revoked.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RevocationTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task A_revoked_certificate_is_refused_by_who_checks_and_only_then()
    {
        var crl = new CertificateRevocationListBuilder();
        await using ServerSocket web = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        using X509Certificate2 revoked = CreateServer(web.Port);
        using X509Certificate2 fine = CreateServer(web.Port);
        crl.AddEntry(revoked);
        byte[] list = crl.Build(Authority, 1, DateTimeOffset.Now.AddDays(1), HashAlgorithmName.SHA256);
        Task serving = web.ServeAsync((connection, token) => ServeListAsync(connection, list, token));

        AuthenticationException refused = await RefusalAsync(revoked, Checking());
        Assert.That(refused.Message, Does.Contain("revoked"));
        await ConnectAsync(Checking(), fine);
        await ConnectAsync(Trusting(), revoked);
        await web.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    private static SslClientAuthenticationOptions Checking()
    {
        SslClientAuthenticationOptions options = Trusting();
        options.CertificateChainPolicy!.RevocationMode = X509RevocationMode.Online;
        options.CertificateChainPolicy.RevocationFlag = X509RevocationFlag.EndCertificateOnly;
        return options;
    }

    private async Task ConnectAsync(SslClientAuthenticationOptions options, X509Certificate2 certificate)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(options, Serving(certificate));
        await client.CloseAsync().Soon();
        await server.CloseAsync().Soon();
    }

    private static X509Certificate2 CreateServer(int port)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([$"http://127.0.0.1:{port}/{Guid.NewGuid():N}.crl"]));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, true, false));
        using X509Certificate2 bare = request.Create(
            Authority, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddDays(1), [.. RandomNumberGenerator.GetBytes(8).Prepend((byte)1)]);
        return bare.CopyWithPrivateKey(key);
    }

    private static async Task ServeListAsync(Connection connection, byte[] list, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
        }

        await connection.Output.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {list.Length}\r\nConnection: close\r\n\r\n", cancellationToken);
        await connection.Output.WriteAsync(list, cancellationToken);
    }
}
