using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Tls;

namespace Sluice.Hosting.Tests;

[TestFixture]
public sealed class ReloadingCertificateTests
{
    [Test]
    public void A_change_of_the_options_that_comes_with_the_disposal_watches_no_file()
    {
        using var folder = new TemporaryFolder();
        var certificate = new ReloadingCertificate("secure", NullLogger.Instance);
        certificate.Load(Write(folder, "one"));
        SslStreamCertificateContext before = certificate.Context;
        certificate.Dispose();

        certificate.Load(Write(folder, "other"));

        Assert.That(certificate.Context, Is.SameAs(before));
    }

    private static SocketCertificateOptions Write(TemporaryFolder folder, string name)
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(TestCertificates.Authority, [name]);
        string path = folder.PathOf($"{name}.pfx");
        CertificateFiles.WritePfx(certificate, path, "secret");
        return new SocketCertificateOptions { Path = path, Password = "secret" };
    }
}
