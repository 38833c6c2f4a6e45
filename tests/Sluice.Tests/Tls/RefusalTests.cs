using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Tests.Tls;

/// <summary>What a handshake refuses, and what it says then.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RefusalTests(SelectorEngine engine) : TlsFixture(engine)
{
    [TestCase("localhost", "localhost")]
    [TestCase("localhost", "LocalHost")]
    [TestCase("*.example.com", "a.example.com")]
    [TestCase("127.0.0.1", "127.0.0.1")]
    [TestCase("::1", "::1")]
    [TestCase("example.com", "example.com.")]
    public async Task A_name_that_the_certificate_has_is_accepted(string certified, string asked)
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(Authority, [certified]);
        (Connection client, Connection server) = await ConnectTlsAsync(Trusting(asked), Serving(certificate));
        await server.DisposeAsync();
        await client.DisposeAsync();
    }

    [TestCase("localhost", "example.com")]
    [TestCase("*.example.com", "example.com")]
    [TestCase("*.example.com", "a.b.example.com")]
    [TestCase("127.0.0.1", "127.0.0.2")]
    [TestCase("localhost", "127.0.0.1")]
    public async Task A_name_that_the_certificate_has_not_is_refused(string certified, string asked)
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(Authority, [certified]);

        AuthenticationException refused = await RefusalAsync(certificate, Trusting(asked));

        Assert.That(refused.Message, Does.Contain($"not for the name '{asked}' but for '{certified}'"));
    }

    [Test]
    public async Task An_expired_certificate_is_refused()
    {
        var options = new DevelopmentCertificateOptions
        {
            NotBefore = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            NotAfter = new DateTimeOffset(2020, 2, 1, 0, 0, 0, TimeSpan.Zero),
        };
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority("an old authority", new() { NotBefore = options.NotBefore, NotAfter = DateTimeOffset.UtcNow.AddDays(1) });
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority, options: options);

        AuthenticationException refused = await RefusalAsync(certificate, Trusting(authority: authority));

        Assert.That(refused.Message, Does.Contain("has expired at 2020-02-01 00:00:00Z"));
    }

    [Test]
    public async Task A_certificate_that_is_not_valid_yet_is_refused()
    {
        DateTimeOffset begin = DateTimeOffset.UtcNow.AddDays(10);
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(Authority, options: new() { NotBefore = begin, NotAfter = begin.AddDays(1) });

        AuthenticationException refused = await RefusalAsync(certificate, Trusting());

        Assert.That(refused.Message, Does.Contain("is not valid before " + begin.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }

    [Test]
    public async Task An_unknown_authority_is_refused()
    {
        using X509Certificate2 stranger = DevelopmentCertificates.CreateAuthority("a stranger");
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(stranger);

        AuthenticationException refused = await RefusalAsync(certificate, Trusting());

        Assert.That(refused.Message, Does.Contain("its authority is unknown"));
    }

    [Test]
    public async Task A_certificate_for_another_usage_is_refused()
    {
        using X509Certificate2 certificate = DevelopmentCertificates.CreateClient(Authority, "localhost");

        AuthenticationException refused = await RefusalAsync(certificate, Trusting());

        Assert.That(refused.Message, Does.Contain("not meant for this usage"));
    }

    [Test]
    public async Task Any_certificate_is_accepted_by_who_says_so_in_so_many_words()
    {
        using X509Certificate2 stranger = DevelopmentCertificates.CreateAuthority("a stranger");
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(stranger, ["elsewhere"]);
        (Connection client, Connection server) = await ConnectTlsAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate(), Serving(certificate));
        await server.DisposeAsync();
        await client.DisposeAsync();
    }

    [Test]
    public async Task A_client_without_a_name_to_check_is_refused_before_anything_is_sent()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (server)
        await using (client)
        {
            Assert.ThrowsAsync<ArgumentException>(async () => await client.UpgradeToTlsClientAsync(new SslClientAuthenticationOptions()));

            await client.Output.WriteLineAsync("still plain").Soon();
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("still plain"));
        }
    }

    [Test]
    public async Task A_server_that_does_not_speak_tls_is_refused()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (server)
        {
            await server.Output.WriteLineAsync("220 mail.example.com ESMTP ready").Soon();

            Exception refused = Assert.CatchAsync(async () => await client.UpgradeToTlsClientAsync(Trusting()).Soon())!;

            Assert.That(refused, Is.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());
        }
    }

    [Test]
    public async Task A_handshake_that_ends_at_any_byte_is_an_error_and_closes_the_connection()
    {
        byte[] hello = await FirstFlightAsync();
        for (int length = 0; length < hello.Length; length += length < 20 ? 1 : 37)
        {
            (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
            await peer.SendAsync(hello.AsMemory(0, length)).AsTask().Soon();
            peer.Shutdown(SocketShutdown.Send);

            Exception failure = Assert.CatchAsync(async () => await socket.OpenConnection().UpgradeToTlsServerAsync(Serving()).Soon())!;

            Assert.That(failure, Is.InstanceOf<IOException>().Or.InstanceOf<AuthenticationException>(), $"after {length} bytes");
            await socket.Completion.Soon();
            peer.Dispose();
        }
    }

    [Test]
    public async Task Random_bytes_for_a_handshake_are_an_error()
    {
        var random = new Random(7);
        for (int i = 0; i < 50; i++)
        {
            byte[] noise = new byte[random.Next(5, 2000)];
            random.NextBytes(noise);
            (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
            await peer.SendAsync(noise).Soon();
            peer.Shutdown(SocketShutdown.Send);

            Exception failure = Assert.CatchAsync(async () => await socket.OpenConnection().UpgradeToTlsServerAsync(Serving()).Soon())!;

            Assert.That(failure, Is.InstanceOf<IOException>().Or.InstanceOf<AuthenticationException>());
            await socket.Completion.Soon();
            peer.Dispose();
        }
    }

    [Test]
    public async Task A_handshake_that_takes_too_long_ends_the_connection()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        var settings = new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(50) };

        Assert.ThrowsAsync<TimeoutException>(async () => await socket.OpenConnection().UpgradeToTlsServerAsync(Serving(), settings).Soon());

        await socket.Completion.Soon();
        peer.Dispose();
    }

    [Test]
    public async Task A_cancelled_handshake_ends_the_connection()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using var cancellation = new CancellationTokenSource();
        Task<Connection> upgrading = socket.OpenConnection().UpgradeToTlsServerAsync(Serving(), cancellationToken: cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        Assert.CatchAsync<OperationCanceledException>(async () => await upgrading.Soon());
        await socket.Completion.Soon();
        peer.Dispose();
    }

    // CVE-2011-0411 and its kind: what stands behind the answer to STARTTLS in plain text must not be taken as if it had come encrypted.
    [Test]
    public async Task Plain_text_behind_the_answer_to_starttls_is_no_part_of_the_session()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (server)
        {
            await server.Output.WriteStringAsync("220 go ahead\r\n250 injected\r\n").Soon();
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("220 go ahead"));

            Exception refused = Assert.CatchAsync(async () => await client.UpgradeToTlsClientAsync(Trusting()).Soon())!;

            Assert.That(refused, Is.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());
            await client.Socket.Completion.Soon();
        }
    }

    [Test]
    public async Task What_was_read_ahead_of_the_handshake_is_part_of_it()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteLineAsync("STARTTLS").Soon();
        Task<Connection> upgrading = client.UpgradeToTlsClientAsync(Trusting()).AsTask();
        Assert.That(await server.Input.PeekAsync(20).Soon(), Has.Property("Length").GreaterThanOrEqualTo(20L));
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("STARTTLS"));

        // The server closes first: it has read all there is, and the client, which has not, then finds its end.
        Task<Connection> serving = server.UpgradeToTlsServerAsync(Serving()).AsTask();
        await using Connection connected = await upgrading.Soon();
        await using Connection accepted = await serving.Soon();

        await connected.Output.WriteLineAsync("secret").Soon();
        Assert.That(await accepted.Input.ReadLineAsync().Soon(), Is.EqualTo("secret"));
    }

    [Test]
    public async Task A_record_over_the_limit_is_an_error()
    {
        (Connection near, Connection far) = await ConnectPairAsync();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        await using Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        await using Connection server = await serving.Soon();

        // RFC 8446, 5.2: at most 2^14 + 256 bytes.
        await near.Output.WriteAsync(new byte[] { 23, 3, 3, 0xff, 0xff }).Soon();
        await near.Output.WriteAsync(new byte[0xffff]).Soon();

        Assert.ThrowsAsync<IOException>(async () => await server.Input.ReadAsync(new byte[100]).Soon());
    }

    private async Task<byte[]> FirstFlightAsync()
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        Task<Connection> upgrading = socket.OpenConnection().UpgradeToTlsClientAsync(Trusting()).AsTask();
        byte[] hello = new byte[4096];
        int count = await peer.ReceiveAsync(hello).Soon();
        peer.Dispose();
        await Task.WhenAny(upgrading).Soon();
        return hello[..count];
    }
}
