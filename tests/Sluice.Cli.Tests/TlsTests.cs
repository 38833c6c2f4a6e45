using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Cli.Tests;

public sealed class TlsTests(string engine) : BothEngines(engine)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice").FullName;

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task What_cert_has_made_echo_shows_and_connect_trusts()
    {
        string folder = Path.Combine(_folder, "made");
        (int exitCode, string output, string errors) = await Cli.RunAsync("cert", folder, "--name", "localhost", "127.0.0.1", "--client", "me", "--pfx");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("CN=localhost, SHA-256 ").And.Contain("CN=me, SHA-256 "));
        string[] made = [.. Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        Assert.That(made, Is.EqualTo((string[])["ca.key", "ca.pem", "client.key", "client.pem", "client.pfx", "server.key", "server.pem", "server.pfx"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(folder, "ca.key")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        (Cli server, int port) = await StartAsync("--cert", Path.Combine(folder, "server.pem"), "--key", Path.Combine(folder, "server.key"));
        await using (server)
        {
            await AssertEchoAsync(port, "--ca", Path.Combine(folder, "ca.pem"));
        }

        (server, port) = await StartAsync("--cert", Path.Combine(folder, "server.pfx"));
        await using (server)
        {
            await AssertEchoAsync(port, "--ca", Path.Combine(folder, "ca.pem"));
        }
    }

    [Test]
    public async Task Files_that_are_there_are_replaced_only_by_force()
    {
        string folder = Path.Combine(_folder, "twice");
        Assert.That((await Cli.RunAsync("cert", folder)).ExitCode, Is.Zero);
        string before = await File.ReadAllTextAsync(Path.Combine(folder, "ca.key"));
        (int exitCode, string _, string errors) = await Cli.RunAsync("cert", folder, "--rsa");
        Assert.That((exitCode, errors), Is.EqualTo((1, $"sluice: {Path.Combine(folder, "ca.pem")} already exists; use --force to overwrite it.{Environment.NewLine}")));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(folder, "ca.key")), Is.EqualTo(before));
        Assert.That((await Cli.RunAsync("cert", folder, "--rsa", "--force", "--days", "1")).ExitCode, Is.Zero);
        using X509Certificate2 replaced = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "server.pem"));
        Assert.That(replaced.GetKeyAlgorithm(), Is.EqualTo("1.2.840.113549.1.1.1"));
        Assert.That(replaced.NotAfter - DateTime.Now, Is.LessThan(TimeSpan.FromDays(1.1)));
    }

    [TestCase("renw", "renew")]
    [TestCase("inspct", "inspect")]
    public async Task A_misspelled_command_of_cert_is_no_folder(string word, string meant)
    {
        (int exitCode, string _, string errors) = await CommandHere.RunAsync("cert", word);
        Assert.That((exitCode, errors), Is.EqualTo((
            2, $"sluice: There is no command 'sluice cert {word}'. Did you mean '{meant}'? A folder of this name is '{Path.Combine(".", word)}'. Try 'sluice cert --help'.{Environment.NewLine}")));
        Assert.That(Directory.Exists(word), Is.False);
    }

    [Test]
    public async Task A_folder_without_certificates_has_nothing_to_renew()
    {
        string none = Path.Combine(_folder, "none");
        (int exitCode, string _, string errors) = await CommandHere.RunAsync("cert", "renew", none);
        Assert.That((exitCode, errors), Is.EqualTo((
            1, $"sluice: There is no {Path.Combine(none, "ca.pem")}. Name the folder in which 'sluice cert' has created the files.{Environment.NewLine}")));

        string authority = Path.Combine(_folder, "authority");
        Assert.That((await CommandHere.RunAsync("cert", authority)).ExitCode, Is.Zero);
        File.Delete(Path.Combine(authority, "server.pem"));
        File.Delete(Path.Combine(authority, "client.pem"));
        (exitCode, _, errors) = await CommandHere.RunAsync("cert", "renew", authority);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("sluice: There is neither "));
    }

    [Test]
    public async Task Tls_says_what_a_server_has_and_why_it_is_refused()
    {
        string folder = Path.Combine(_folder, "shown");
        Assert.That((await Cli.RunAsync("cert", folder)).ExitCode, Is.Zero);
        (Cli server, int port) = await StartAsync("--cert", Path.Combine(folder, "server.pem"), "--key", Path.Combine(folder, "server.key"));
        await using (server)
        {
            (int exitCode, string output, string errors) =
                await Cli.RunAsync("tls", $"localhost:{port}", "-4", "--ca", Path.Combine(folder, "ca.pem"), "--engine", Engine);
            Assert.That((exitCode, errors), Is.EqualTo((0, "")));
            Assert.That(output, Does.Contain("TLS 1.2: yes").And.Contain("names: localhost, 127.0.0.1, ::1").And.Match("issued by: CN=").And.Match(@"\d+ days left"));
            Assert.That(output.TrimEnd(), Does.EndWith("Trusted for localhost"));
            (exitCode, output, _) = await Cli.RunAsync("tls", $"127.0.0.1:{port}", "--no-versions", "--json", "--engine", Engine);
            Assert.That(exitCode, Is.EqualTo(1));
            using var json = System.Text.Json.JsonDocument.Parse(output);
            Assert.That(json.RootElement.GetProperty("trusted").GetBoolean(), Is.False);
            Assert.That(json.RootElement.GetProperty("refused").GetString(), Does.Contain("its authority is unknown"));
        }
    }

    [Test]
    public async Task Tls_prints_an_error_as_json()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("tls", $"{FreeAddress.Take()}", "--json", "--engine", Engine);
        Assert.That((exitCode, errors), Is.EqualTo((1, "")));
        Assert.That(System.Text.Json.JsonDocument.Parse(output).RootElement.GetProperty("error").GetString(), Does.StartWith("Connecting to 127."));
    }

    [Test]
    public async Task Renew_keeps_the_authority_and_the_names()
    {
        string folder = Path.Combine(_folder, "renewed");
        Assert.That((await Cli.RunAsync("cert", folder, "--name", "example.test", "--client", "me", "--rsa")).ExitCode, Is.Zero);
        using X509Certificate2 before = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "server.pem"));
        byte[] authority = await File.ReadAllBytesAsync(Path.Combine(folder, "ca.pem"));
        Assert.That((await Cli.RunAsync("cert", "renew", folder, "--days", "7")).ExitCode, Is.Zero);
        using X509Certificate2 after = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "server.pem"));
        Assert.That(after.SerialNumber, Is.Not.EqualTo(before.SerialNumber));
        Assert.That((after.Subject, after.Issuer, after.GetKeyAlgorithm()), Is.EqualTo((before.Subject, before.Issuer, before.GetKeyAlgorithm())));
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(folder, "ca.pem")), Is.EqualTo(authority));
        (int exitCode, string output, _) = await Cli.RunAsync("cert", "inspect", Path.Combine(folder, "server.pem"), Path.Combine(folder, "client.pem"), "--json", "--expires-within", "8");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("\"names\":[\"example.test\"]").And.Contains("CN=me").And.Contains("\"daysLeft\":6"));
    }

    [Test]
    public async Task A_certificate_to_throw_away_is_trusted_by_who_takes_any_alone()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            await AssertEchoAsync(port, "--insecure");
            await using Cli client = Cli.Start("connect", $"127.0.0.1:{port}", "--tls", "--engine", Engine);
            (int exitCode, string output, string errors) = await client.EndAsync();
            Assert.That((exitCode, output), Is.EqualTo((1, "")));
            Assert.That(errors, Does.StartWith($"sluice: The certificate of the peer 127.0.0.1:{port} is rejected: ").And.Contain("its authority is unknown"));
        }
    }

    [TestCase("http/1.1,h2")]
    [TestCase("http/1.1", "--alpn", "h2")]
    public async Task Several_application_protocols_are_offered(params string[] protocols)
    {
        await using LocalServer server = new(async stream =>
        {
            await using var ssl = new SslStream(stream);
            await ssl.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server, ApplicationProtocols = [SslApplicationProtocol.Http2] });
            await ssl.ShutdownAsync();
        });
        (int exitCode, _, string errors) = await Cli.RunAsync(["connect", $"tls://{server.Name}", "--insecure", "--engine", Engine, "--alpn", .. protocols]);
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(errors, Does.Contain(", h2, CN="));
    }

    [TestCase("smtp", "220 ready\r\n|EHLO localhost|250-me\r\n250-PIPELINING\r\n250 STARTTLS\r\n|STARTTLS|220 go ahead\r\n", null)]
    [TestCase("smtp", "220 ready\r\n|EHLO localhost|250 me\r\n", "The server does not offer TLS.")]
    [TestCase("smtp", "554 no\r\n", "The server says: 554 no")]
    [TestCase("imap", "* OK ready\r\n|a STARTTLS|* CAPABILITY x\r\na OK begin\r\n", null)]
    [TestCase("imap", "* OK ready\r\n|a STARTTLS|a BAD no\r\n", "The server says: a BAD no")]
    [TestCase("imap", "* OK ready\r\n", "The server has closed the connection.")]
    public async Task Tls_is_asked_for_in_the_protocols_own_words(string kind, string dialogue, string? failure)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, dialogue, thenTls: failure is null);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using Cli client = Cli.Start("connect", $"127.0.0.1:{port}", "--tls", "--insecure", "--starttls", kind, "--engine", Engine);
        client.CloseInput();
        (int exitCode, string output, string errors) = await client.EndAsync();
        await serving.Soon();
        Assert.That((exitCode, output), Is.EqualTo(failure is null ? (0, "hello\n") : (1, "")));
        Assert.That(errors, failure is null ? Does.StartWith("Tls1") : Is.EqualTo($"sluice: {failure}{Environment.NewLine}"));
    }

    private static async Task ServeAsync(TcpListener listener, string dialogue, bool thenTls)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync().Soon();
        await using NetworkStream stream = client.GetStream();
        bool own = true;
        foreach (string part in dialogue.Split('|'))
        {
            if (own)
            {
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(part));
            }
            else
            {
                byte[] expected = System.Text.Encoding.ASCII.GetBytes(part + "\r\n");
                byte[] got = new byte[expected.Length];
                await stream.ReadExactlyAsync(got).AsTask().Soon();
                Assert.That(System.Text.Encoding.ASCII.GetString(got), Is.EqualTo(part + "\r\n"));
            }

            own = !own;
        }

        if (thenTls)
        {
            await using var ssl = new SslStream(stream);
            await ssl.AuthenticateAsServerAsync(TestCertificates.Server).Soon();
            await ssl.WriteAsync("hello\n"u8.ToArray());
            await ssl.ShutdownAsync().Soon();
        }
    }

    private async Task<(Cli Server, int Port)> StartAsync(params string[] options)
    {
        Cli server = Cli.Start(["echo", "127.0.0.1:0", "--engine", Engine, "--tls", .. options]);
        try
        {
            Assert.That(await server.ReadLineAsync(), Does.Match(" SHA-256 [0-9A-F]{64}$"));
            string line = await server.ReadLineAsync();
            Assert.That(line, Does.Match(@"^Started echo server at 127\.0\.0\.1:\d+ under TLS$"));
            return (server, int.Parse(line.Split(' ')[4].Split(':')[1], CultureInfo.InvariantCulture));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task AssertEchoAsync(int port, params string[] options)
    {
        await using Cli client = Cli.Start(["connect", $"127.0.0.1:{port}", "--tls", "--engine", Engine, .. options]);
        await client.TypeAsync("one\ntwö\n");
        client.CloseInput();
        (int exitCode, string output, string errors) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "one\r\ntwö\r\n")));
        Assert.That(errors, Does.Match("^Tls1[23], TLS_"));
    }
}
