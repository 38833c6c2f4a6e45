using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sluice.Cli.Tests;

/// <summary>A server of OpenSSL that needs a client certificate, which ends the handshake with an alert that does not say so.</summary>
[TestFixture]
[Platform("Linux", Reason = "The server needs an address of its own.")]
public sealed class ClientCertificateTests
{
    [Test]
    public async Task Tls_says_that_the_server_has_the_version_and_asks_for_a_certificate()
    {
        using var folder = new TemporaryFolder();
        IPEndPoint address = FreeAddress.Take();
        await using RealPeer server = await StartAsync(folder, address);
        (_, string output, _) = await Cli.RunAsync("tls", $"{address}");
        Assert.That(output, Does.Contain("\nTLS 1.2: yes, asks for a client certificate").And.Contain("\nTLS 1.3: yes, asks for a client certificate"));
        (_, output, _) = await Cli.RunAsync("tls", $"{address}", "--json");
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.That(json.GetProperty("versions").EnumerateArray().Select(version => version.GetString()), Is.EqualTo(new[] { "TLS 1.2", "TLS 1.3" }));
        Assert.That(json.GetProperty("asksForCertificate").GetBoolean(), Is.True);
    }

    [Test]
    public async Task An_alert_after_the_server_has_asked_says_so()
    {
        using var folder = new TemporaryFolder();
        IPEndPoint address = FreeAddress.Take();
        await using RealPeer server = await StartAsync(folder, address, "-tls1_2");
        (int exitCode, string output, string errors) = await Cli.RunAsync("connect", $"tls://{address}", "--insecure");
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.Contain("alert handshake failure; the server asks for a client certificate."));
        (exitCode, output, _) = await Cli.RunAsync("check", $"tls://{address}");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("It asks for a client certificate: give one with --cert."));
        (_, output, errors) = await Cli.RunAsync("tls", $"{address}", "--cert", folder.PathOf("server.pem"), "--key", folder.PathOf("server.key"));
        Assert.That(output, Does.Contain("\nTLS 1.2: yes, asks for a client certificate").And.Match(@"\nTLS 1\.3: no \(.+\)"), errors);
    }

    private static async Task<RealPeer> StartAsync(TemporaryFolder folder, IPEndPoint address, params string[] options)
    {
        string certificate = folder.Write("server.pem", TestCertificates.Server.ExportCertificatePem());
        string key = folder.Write("server.key", TestCertificates.Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        RealPeer server = RealPeer.Start(
            "openssl",
            ["s_server", "-quiet", "-accept", string.Create(CultureInfo.InvariantCulture, $"{address.Address}:{address.Port}"), "-cert", certificate, "-key", key, "-Verify", "2", .. options]);
        await FreeAddress.ListenedAtAsync(address);
        return server;
    }
}
