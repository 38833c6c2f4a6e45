using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tests;

public sealed class TlsTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly X509Certificate2 s_certificate = Create();

    [Test]
    public async Task Lines_go_there_and_back([Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(protocol);
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 100; i++)
            {
                await client.Output.WriteLineAsync($"line {i}").Soon();
                Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
                await server.Output.WriteLineAsync($"back {i}").Soon();
                Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo($"back {i}"));
            }

            Assert.That(client.Tls!.Protocol, Is.EqualTo(protocol));
        }
    }

    [Test]
    public async Task A_close_is_a_proper_end_for_the_peer([Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(protocol);
        await using (server)
        {
            byte[] big = new byte[1_000_000];
            Task<byte[]> reading = server.Input.ReadToEndAsync(2_000_000).AsTask();
            await client.Output.WriteAsync(big).Soon();
            Task closing = client.CloseAsync().AsTask();

            Assert.That((await reading.Soon()).Length, Is.EqualTo(big.Length));
            await server.CloseAsync().Soon();
            await closing.Soon();
        }
    }

    [Test]
    public async Task An_end_without_close_notify_is_an_error()
    {
        (StreamSocket raw, StreamSocket accepted) = await ConnectSocketsAsync();
        Task<Connection> serving = accepted.OpenConnection().UpgradeToTlsServerAsync(new() { ServerCertificate = s_certificate }).AsTask();
        Connection below = raw.OpenConnection();
        Connection client = await below.UpgradeToTlsClientAsync(Trusting()).Soon();
        await using Connection server = await serving.Soon();
        await client.Output.WriteLineAsync("x").Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("x"));

        await below.Output.CompleteAsync().Soon();

        Assert.ThrowsAsync<IOException>(async () => await server.Input.ReadLineAsync().Soon());
        await server.CloseAsync().Soon();
        await client.CloseAsync().Soon();
    }

    [Test]
    public async Task An_untrusted_certificate_is_refused_with_the_reason()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task<Connection> serving = server.UpgradeToTlsServerAsync(new() { ServerCertificate = s_certificate }).AsTask();

        AuthenticationException refused = Assert.ThrowsAsync<AuthenticationException>(
            async () => await client.UpgradeToTlsClientAsync(new() { TargetHost = "example.com" }).Soon())!;

        Assert.That(refused.Message, Does.Contain("'example.com'").And.Contain("authority"));

        // With TLS 1.3 the server is done before the client refuses.
        await Task.WhenAny(serving).Soon();
        await server.DisposeAsync();
    }

    private static SslClientAuthenticationOptions Trusting(SslProtocols protocol = SslProtocols.None) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = protocol,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { s_certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    private async Task<(Connection Client, Connection Server)> ConnectTlsAsync(SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task<Connection> serving = server.UpgradeToTlsServerAsync(new() { ServerCertificate = s_certificate }).AsTask();
        Connection secured = await client.UpgradeToTlsClientAsync(Trusting(protocol)).Soon();
        return (secured, await serving.Soon());
    }

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
