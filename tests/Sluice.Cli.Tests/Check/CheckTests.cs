using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sluice.Cli.Check;
using Sluice.Tls;

namespace Sluice.Cli.Tests.Check;

/// <summary>What <c>sluice check</c> says about each kind of bad server.</summary>
public sealed class CheckTests(string engine) : BothEngines(engine)
{
    private readonly TemporaryFolder _folder = new();

    private string Authority => _folder.Write("ca.pem", TestCertificates.Authority.ExportCertificatePem());

    [OneTimeTearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_server_that_answers()
    {
        await using LocalServer server = new(AnswerAsync);
        (int exitCode, string output, string errors) = await Cli.RunAsync("check", server.Name, "--send", @"hello\x21\r\n", "--engine", Engine);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output.ReplaceLineEndings("\n"), Does.Match(
            $"^connect     {server.Name}: connected, [0-9.]+ ms\nanswer      'hello!', 8 bytes; the server closes the connection, [0-9.]+ ms\n\nThe server answers, and closes the connection.\n$"));
    }

    [Test]
    public async Task Nothing_listens() => await AssertFaultAsync("refused", "Nothing listens at 127.", $"{FreeAddress.Take()}");

    [Test]
    public async Task The_backlog_is_full()
    {
        using FullListener server = await FullListener.CreateAsync();
        await AssertFaultAsync("timeout", "its backlog is full", $"{server.EndPoint}", "--timeout", "0.5");
    }

    [Test]
    public async Task A_name_that_there_is_not() => await AssertFaultAsync("name", "nowhere.invalid", "nowhere.invalid:80");

    [Test]
    public async Task A_silent_server_may_wait_for_a_request()
    {
        await using LocalServer server = Silent();
        (string? fault, string text) = await CheckAsync(expectedExitCode: 0, server.Name, "--wait", "0.2");
        Assert.That(fault, Is.Null);
        Assert.That(text, Does.Contain("sends nothing by itself").And.Contains("--send"));
    }

    [Test]
    public async Task A_server_that_does_not_answer_a_request()
    {
        await using LocalServer server = Silent();
        await AssertFaultAsync("silent", "does not answer within 0.2 s", server.Name, "--wait", "0.2", "--send", "x");
    }

    [Test]
    public async Task A_server_that_closes_at_once()
    {
        await using LocalServer server = new(_ => Task.CompletedTask);
        await AssertFaultAsync("closed", "closes it without a word", server.Name);
    }

    // The reset may come before the attempt to connect has ended, or after.
    [Test]
    public async Task A_server_that_resets()
    {
        await using LocalServer server = new(Reset);
        await AssertFaultAsync("reset", "accepts the connection and resets it", server.Name);
    }

    [Test]
    [Platform("Linux", Reason = "Elsewhere, a reset may take what has not been read.")]
    public async Task A_server_that_answers_and_resets()
    {
        await using LocalServer server = new(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[1]);
            await stream.WriteAsync("half an answer"u8.ToArray());
            await Reset(stream);
        });
        await AssertFaultAsync("reset", "answers, and then resets", server.Name, "--send", "x", "--wait", "20");
    }

    [TestCase("220 mail ESMTP", "--starttls smtp")]
    [TestCase("220 FTP server", "--starttls ftp")]
    [TestCase("* OK IMAP4", "--starttls imap")]
    [TestCase("+OK", "--starttls pop3")]
    [TestCase("SSH-2.0-x", "without tls://")]
    public async Task Tls_is_expected_but_the_server_speaks_plain_text(string greeting, string advice)
    {
        await using LocalServer server = new(stream => stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{greeting}\r\n")).AsTask());
        (_, string text) = await AssertFaultAsync("plain", $"it says '{greeting}'", $"tls://{server.Name}", "--wait", "20");
        Assert.That(text, Does.Contain(advice));
    }

    [Test]
    public async Task Tls_is_expected_but_the_server_waits()
    {
        await using LocalServer server = Silent();
        await AssertFaultAsync("tls", "does not answer the TLS handshake", $"tls://{server.Name}", "--wait", "0.2", "--timeout", "2");
    }

    [Test]
    public async Task Plain_text_is_expected_but_the_server_speaks_tls()
    {
        await using LocalServer server = Tls(TestCertificates.Server);
        await AssertFaultAsync("needs tls", $"Try tls://{server.Name}.", server.Name, "--send", @"GET / HTTP/1.0\r\n\r\n", "--wait", "20");
    }

    [Test]
    public async Task A_trusted_certificate()
    {
        await using LocalServer server = Tls(TestCertificates.Server);
        (_, string text) = await CheckAsync(expectedExitCode: 0, $"tls://{server.Name}", "--ca", Authority, "--send", "x", "--wait", "20");
        Assert.That(text, Is.EqualTo("The server answers, and closes the connection."));
    }

    [Test]
    public async Task A_certificate_of_an_unknown_authority()
    {
        await using LocalServer server = Tls(TestCertificates.Server);
        await AssertFaultAsync("certificate", "its authority is unknown. If you trust it, give the certificate of its authority with --ca", $"tls://{server.Name}");
    }

    [Test]
    public async Task A_certificate_for_another_name()
    {
        await using LocalServer server = Tls(TestCertificates.Server);
        await AssertFaultAsync(
            "certificate", "it is not for the name 'www.test' but for 'localhost'", $"tls://{server.Name}", "--ca", Authority, "--servername", "www.test");
    }

    [Test]
    public async Task A_certificate_that_has_expired()
    {
        var options = new DevelopmentCertificateOptions { NotAfter = DateTimeOffset.UtcNow.AddDays(-2) };
        using X509Certificate2 expired = DevelopmentCertificates.CreateServer(TestCertificates.Authority, options: options);
        await using LocalServer server = Tls(expired);
        (_, string text) = await AssertFaultAsync("certificate", "has expired at", $"tls://{server.Name}", "--ca", Authority);
        Assert.That(text, Does.EndWith("Renew it, and see that the server uses the new one."));
    }

    [Test]
    public async Task A_server_that_wants_a_client_certificate()
    {
        await using LocalServer server = new(async stream =>
        {
            await using var ssl = new SslStream(stream);
            await ssl.AuthenticateAsServerAsync(TestCertificates.Server, clientCertificateRequired: true, checkCertificateRevocation: false)
                .ContinueWith(ended => _ = ended.Exception);
        });
        (_, string text) = await CheckAsync(expectedExitCode: 1, $"tls://{server.Name}", "--ca", Authority, "--wait", "20");
        Assert.That(text, Does.Contain("client certificate"));
    }

    [Test]
    public async Task A_proxy_that_is_down() =>
        await AssertFaultAsync("proxy", "The proxy is the fault. Nothing listens at", "192.0.2.1:80", "--via", $"socks5://{FreeAddress.Take()}");

    [Test]
    public async Task A_proxy_that_does_not_reach_the_server()
    {
        await using LocalServer proxy = new(async stream =>
        {
            // The check connects once only to see whether there is a proxy.
            if (await stream.ReadAtLeastAsync(new byte[3], 3, throwOnEndOfStream: false) == 3)
            {
                await stream.WriteAsync(new byte[] { 5, 0 });
                await stream.ReadExactlyAsync(new byte[10]);
                await stream.WriteAsync(new byte[] { 5, 5, 0, 1, 0, 0, 0, 0, 0, 0 });
            }
        });
        (_, string text) = await AssertFaultAsync("proxy", "The proxy is there, but does not make the connection", "192.0.2.1:80", "--via", $"socks5://{proxy.Name}");
        Assert.That(text, Does.Contain("the host refuses the connection"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Unix domain sockets of a path.")]
    public async Task A_socket_file_without_a_server()
    {
        string path = _folder.PathOf("s");
        (_, string none) = await CheckAsync(expectedExitCode: 1, $"unix:{path}");
        Assert.That(none, Does.StartWith($"There is no {path}"));

        // Without a listener, as after the end of one.
        using var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(path));
        await AssertFaultAsync("refused", "is left over from a server that has ended", $"unix:{path}");
    }

    [TestCase(0.2, 0.2)]
    [TestCase(2, 1)]
    [TestCase(20, 5)]
    public void A_silent_server_is_hardly_waited_for_a_second_time(double wait, double second) =>
        Assert.That(OtherProtocol.PatienceAfter(TimeSpan.FromSeconds(wait)), Is.EqualTo(TimeSpan.FromSeconds(second)));

    private static LocalServer Silent() => new(stream => stream.CopyToAsync(Stream.Null));

    private static async Task AnswerAsync(Stream stream)
    {
        byte[] request = new byte[100];
        int count = await stream.ReadAsync(request);
        await stream.WriteAsync(request.AsMemory(0, count));
    }

    private static LocalServer Tls(X509Certificate2 certificate) => new(async stream =>
    {
        await using var ssl = new SslStream(stream);
        try
        {
            await ssl.AuthenticateAsServerAsync(certificate);
            await AnswerAsync(ssl);
            await ssl.ShutdownAsync();
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            // The client speaks no TLS.
        }
    });

    private static Task Reset(NetworkStream stream)
    {
        stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        stream.Socket.Close();
        return Task.CompletedTask;
    }

    private async Task<(string? Fault, string Text)> AssertFaultAsync(string fault, string said, params string[] arguments)
    {
        (string? Fault, string Text) end = await CheckAsync(expectedExitCode: 1, arguments);
        Assert.That(end.Text, Does.Contain(said));
        Assert.That(end.Fault, Is.EqualTo(fault));
        return end;
    }

    private async Task<(string? Fault, string Text)> CheckAsync(int expectedExitCode, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(["check", "--json", "--engine", Engine, .. arguments]);
        Assert.That((exitCode, errors), Is.EqualTo((expectedExitCode, "")), output);
        JsonElement[] lines = [.. output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement end = lines[^1];
        Assert.That(end.GetProperty("step").GetString(), Is.EqualTo("end"));
        Assert.That(end.GetProperty("ok").GetBoolean(), Is.EqualTo(expectedExitCode == 0));
        Assert.That(lines[..^1].Count(line => !line.GetProperty("ok").GetBoolean()), Is.LessThanOrEqualTo(1));
        return (end.TryGetProperty("fault", out JsonElement fault) ? fault.GetString() : null, end.GetProperty("text").GetString()!);
    }
}
