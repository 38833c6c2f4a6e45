using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Tests.Tls;

/// <summary>What is read of files of certificates, whatever kind of file it is.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class CertificateInputTests
{
    [Test]
    [Platform("Linux", Reason = "Windows has no such device.")]
    public void A_device_without_an_end_is_not_read_for_ever()
    {
        Assert.That(Assert.Throws<IOException>(() => WatchedCertificate.FromPem("/dev/zero"))!.Message, Does.StartWith("/dev/zero has more than 16777216 bytes"));
        Assert.That(Assert.Throws<IOException>(() => WatchedCertificate.FromPfx("/dev/zero"))!.Message, Does.StartWith("/dev/zero has more than 16777216 bytes"));
    }

    [Test]
    public void A_folder_is_said_to_be_one()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("server.pem");
        Directory.CreateDirectory(path);
        Assert.That(Assert.Throws<IOException>(() => WatchedCertificate.FromPem(path))!.Message, Is.EqualTo($"{path} is a folder."));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no pipes in the file system.")]
    public void A_pipe_gives_its_certificate_once_and_is_not_watched()
    {
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
        using var folder = new TemporaryFolder();
        CertificateFiles.WritePem(certificate, folder.PathOf("server.pem"));
        CertificateFiles.WriteKeyPem(certificate, folder.PathOf("server.key"));
        using var writing = Process.Start("sh", ["-c", $"mkfifo '{folder.PathOf("made")}' && mv '{folder.PathOf("made")}' '{folder.PathOf("pipe")}' && cat '{folder.PathOf("server.pem")}' '{folder.PathOf("server.key")}' > '{folder.PathOf("pipe")}'"]);
        Assert.That(SpinWait.SpinUntil(() => File.Exists(folder.PathOf("pipe")), Waiting.Patience), Is.True);
        var time = new TimersCounted();
        using (WatchedCertificate watched = WatchedCertificate.FromPem(folder.PathOf("pipe"), options: new WatchedCertificateOptions { TimeProvider = time }))
        {
            Assert.That((watched.Certificate.Thumbprint, time.Count), Is.EqualTo((certificate.Thumbprint, 0)));
        }

        writing.WaitForExit();
        using (WatchedCertificate.FromPem(folder.PathOf("server.pem"), folder.PathOf("server.key"), new WatchedCertificateOptions { TimeProvider = time }))
        {
            Assert.That(time.Count, Is.EqualTo(1));
        }
    }

    private sealed class TimersCounted : TimeProvider
    {
        public int Count { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Count++;
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
