using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
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

    [TestCase(".PFX")]
    [TestCase(".P12")]
    [TestCase(".p12")]
    public void A_PFX_file_may_have_each_of_its_extensions(string extension)
    {
        using var folder = new TemporaryFolder();
        SocketCertificateOptions options = Write(folder, "one", extension);
        using var certificate = new ReloadingCertificate("secure", NullLogger.Instance);

        certificate.Load(options);

        Assert.That(certificate.Context.TargetCertificate.HasPrivateKey);
    }

    [Test]
    public async Task A_logger_that_blocks_holds_up_no_disposal()
    {
        using var folder = new TemporaryFolder();
        using var logger = new BlockingLogger();
        var certificate = new ReloadingCertificate("secure", logger);
        certificate.Load(Write(folder, "one"));
        SocketCertificateOptions other = Write(folder, "other");
        Task loading = Task.Run(() => certificate.Load(other));
        await logger.Entered.Soon();

        await Task.Run(certificate.Dispose).Soon();

        Assert.That(loading.IsCompleted, Is.False);
        logger.Release();
        await loading.Soon();
    }

    private static SocketCertificateOptions Write(TemporaryFolder folder, string name, string extension = ".pfx")
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(TestCertificates.Authority, [name]);
        string path = folder.PathOf(name + extension);
        CertificateFiles.WritePfx(certificate, path, "secret");
        return new SocketCertificateOptions { Path = path, Password = "secret" };
    }

    private sealed class BlockingLogger : ILogger, IDisposable
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task Entered => _entered.Task;

        public void Release() => _released.Set();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _entered.TrySetResult();
            _released.Wait();
        }

        public void Dispose()
        {
            _released.Set();
            _released.Dispose();
        }
    }
}
