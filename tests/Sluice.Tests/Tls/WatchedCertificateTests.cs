using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Tests.Tls;

[Parallelizable(ParallelScope.All)]
public sealed class WatchedCertificateTests(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly TemporaryFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_renewed_certificate_is_used_for_new_connections_and_the_others_go_on([Values] bool pfx)
    {
        using X509Certificate2 old = DevelopmentCertificates.CreateServer(Authority);
        using X509Certificate2 renewed = DevelopmentCertificates.CreateServer(Authority, options: new DevelopmentCertificateOptions { Key = DevelopmentKey.Rsa2048 });
        Write(old, pfx);
        var reloaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using WatchedCertificate watched = Watch(pfx, options => options.OnReloaded = _ => reloaded.TrySetResult());
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(watched);
        Task serving = server.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, cancellationToken: token).AsTask());
        await using StreamSocket first = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, Trusting()).Soon();
        Connection early = first.OpenConnection();

        Write(renewed, pfx);
        await reloaded.Task.Soon();

        await using StreamSocket second = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, Trusting()).Soon();
        Assert.That(watched.Certificate.Thumbprint, Is.EqualTo(renewed.Thumbprint));
        Assert.That(NameOf(first), Is.EqualTo("old"));
        Assert.That(NameOf(second), Is.EqualTo("renewed"));
        await early.Output.WriteLineAsync("still here").Soon();
        Assert.That(await early.Input.ReadLineAsync().Soon(), Is.EqualTo("still here"));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();

        string NameOf(StreamSocket client)
        {
            X509Certificate2 seen = client.Tls!.RemoteCertificate!;
            return seen.Thumbprint == old.Thumbprint ? "old"
                : seen.Thumbprint == renewed.Thumbprint ? "renewed"
                : $"{seen.Subject}, {seen.Thumbprint}, of {client.RemoteEndPoint}; the server is at {server.LocalEndPoint}, the tests' own is {ServerCertificate.Thumbprint}";
        }
    }

    [Test]
    public async Task What_is_half_written_is_told_and_the_one_before_stays()
    {
        using X509Certificate2 old = DevelopmentCertificates.CreateServer(Authority);
        using X509Certificate2 renewed = DevelopmentCertificates.CreateServer(Authority);
        Write(old, pfx: false);
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reloaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using WatchedCertificate watched = Watch(pfx: false, options =>
        {
            options.OnError = exception => failed.TrySetResult(exception);
            options.OnReloaded = _ => reloaded.TrySetResult();
        });

        CertificateFiles.WritePem(renewed, _folder.PathOf("server.pem"));
        Assert.That(await failed.Task.Soon(), Is.InstanceOf<CryptographicException>());
        Assert.That(watched.Certificate.Thumbprint, Is.EqualTo(old.Thumbprint));
        Assert.That(reloaded.Task.IsCompleted, Is.False);

        CertificateFiles.WriteKeyPem(renewed, _folder.PathOf("server.key"));
        await reloaded.Task.Soon();
        Assert.That(watched.Certificate.Thumbprint, Is.EqualTo(renewed.Thumbprint));
    }

    [Test]
    public void Files_that_are_no_certificate_with_its_key_are_refused_at_once()
    {
        Assert.Catch<IOException>(() => WatchedCertificate.FromPem(_folder.PathOf("none.pem")));
        File.WriteAllText(_folder.PathOf("text.pem"), "hello");
        Assert.Catch<CryptographicException>(() => WatchedCertificate.FromPem(_folder.PathOf("text.pem")));
        CertificateFiles.WritePem(ServerCertificate, _folder.PathOf("bare.pem"));
        Assert.Catch<CryptographicException>(() => WatchedCertificate.FromPem(_folder.PathOf("bare.pem")));
        CertificateFiles.WriteKeyPem(ClientCertificate, _folder.PathOf("other.key"));
        Assert.Catch<CryptographicException>(() => WatchedCertificate.FromPem(_folder.PathOf("bare.pem"), _folder.PathOf("other.key")));
        CertificateFiles.WritePfx(ServerCertificate, _folder.PathOf("server.pfx"), "right");
        Assert.Catch<CryptographicException>(() => WatchedCertificate.FromPfx(_folder.PathOf("server.pfx"), "wrong"));
        using WatchedCertificate right = WatchedCertificate.FromPfx(_folder.PathOf("server.pfx"), "right");
        Assert.That(right.Certificate.Thumbprint, Is.EqualTo(ServerCertificate.Thumbprint));
    }

    [Test]
    public async Task Intermediate_certificates_of_the_file_are_sent_along()
    {
        using X509Certificate2 between = CreateIntermediate();
        using X509Certificate2 leaf = DevelopmentCertificates.CreateServer(between);
        File.WriteAllText(_folder.PathOf("chain.pem"), $"{leaf.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n");
        CertificateFiles.WriteKeyPem(leaf, _folder.PathOf("chain.key"));
        using WatchedCertificate watched = WatchedCertificate.FromPem(_folder.PathOf("chain.pem"), _folder.PathOf("chain.key"));
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(watched);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        await using StreamSocket client = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, Trusting()).Soon();
        await using StreamSocket accepted = await accepting.Soon();
        Assert.That(accepted.Tls, Is.Not.Null);
    }

    [Test]
    public void Its_timer_does_not_capture_the_execution_context_of_its_creator()
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(Authority);
        Write(certificate, pfx: false);
        var time = new FlowRecordingTime();

        using WatchedCertificate watched = Watch(pfx: false, options => options.TimeProvider = time);

        Assert.That(time.WasFlowSuppressed, Is.True);
        Assert.That(ExecutionContext.IsFlowSuppressed(), Is.False);
    }

    private static X509Certificate2 CreateIntermediate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 bare = request.Create(Authority, Authority.NotBefore, Authority.NotAfter, [1, 2, 3, 4, 5, 6, 7, 8]);
        return bare.CopyWithPrivateKey(key);
    }

    private WatchedCertificate Watch(bool pfx, Action<WatchedCertificateOptions> configure)
    {
        var options = new WatchedCertificateOptions { Interval = TimeSpan.FromMilliseconds(20) };
        configure(options);
        return pfx
            ? WatchedCertificate.FromPfx(_folder.PathOf("server.pfx"), "secret", options)
            : WatchedCertificate.FromPem(_folder.PathOf("server.pem"), _folder.PathOf("server.key"), options);
    }

    private void Write(X509Certificate2 certificate, bool pfx)
    {
        if (pfx)
        {
            CertificateFiles.WritePfx(certificate, _folder.PathOf("server.pfx"), "secret");
            return;
        }

        CertificateFiles.WriteKeyPem(certificate, _folder.PathOf("server.key"));
        CertificateFiles.WritePem(certificate, _folder.PathOf("server.pem"));
    }

    /// <summary>Records whether the execution context flows to the timer.</summary>
    private sealed class FlowRecordingTime : TimeProvider
    {
        public bool WasFlowSuppressed { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            WasFlowSuppressed = ExecutionContext.IsFlowSuppressed();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
