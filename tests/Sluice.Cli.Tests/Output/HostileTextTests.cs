using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Sluice.Cli.Output;
using Sluice.Cli.Top;

namespace Sluice.Cli.Tests.Output;

/// <summary>Text of a peer neither controls the terminal nor forges a line.</summary>
[TestFixture]
public sealed class HostileTextTests
{
    private const string Hostile = "a\e[31mRED\a\nTrusted for localhost\r";
    private const string Escaped = @"a\x1b[31mRED\x07\nTrusted for localhost\r";

    private readonly X509Certificate2 _certificate = CreateCertificate();

    [OneTimeTearDown]
    public void DisposeCertificate() => _certificate.Dispose();

    [TestCase("plain text, ünï, 日本, \\n", "plain text, ünï, 日本, \\n")]
    [TestCase(Hostile, Escaped)]
    [TestCase("\t\0\u007f\u009b\u2028\u202e", @"\t\x00\u007f\u009b\u2028\u202e")]
    public void What_is_no_text_is_escaped(string text, string printable)
    {
        var written = new StringWriter { NewLine = "\n" };
        using var writer = new LineWriter(() => written);
        writer.WriteLine(text);
        writer.Write("\r\e[K");
        Assert.That(written.ToString(), Is.EqualTo($"{printable}\n\r\e[K"));
    }

    [Test]
    public async Task The_names_of_a_certificate_in_a_file()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("hostile.pem", _certificate.ExportCertificatePem());
        (int exitCode, string output, string errors) = await Cli.RunAsync("cert", "inspect", file);
        Assert.That(exitCode, Is.Zero);
        AssertEscaped(output + errors, times: 2);
        (_, output, _) = await Cli.RunAsync("cert", "inspect", file, "--json");
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.That((json.GetProperty("subject").GetString(), json.GetProperty("names")[0].GetString()), Is.EqualTo(($"CN=\"{Hostile}\"", Hostile)));
    }

    [TestCase("tls", 3)]
    [TestCase("check", 1)]
    [TestCase("connect", 2, "--insecure", "-v")]
    public async Task The_names_of_the_certificate_of_a_server(string command, int times, params string[] options)
    {
        await using LocalServer server = new(async stream =>
        {
            await using var ssl = new SslStream(stream);
            await ssl.AuthenticateAsServerAsync(_certificate);
        });
        (_, string output, string errors) = await Cli.RunAsync([command, $"tls://{server.Name}", .. options]);
        AssertEscaped(output + errors, times);
    }

    [TestCase("connect")]
    [TestCase("check", "--wait", "1")]
    public async Task The_refusal_of_a_server_before_TLS(string command, params string[] options)
    {
        await using LocalServer server = new(stream => stream.WriteAsync("554 a\e[31mRED\a\n"u8.ToArray()).AsTask());
        (int exitCode, string output, string errors) = await Cli.RunAsync([command, server.Name, "--starttls", "smtp", .. options]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output + errors, Does.Contain(@"554 a\x1b[31mRED\x07").And.Not.Match("[\e\a]"));
    }

    [Test]
    public async Task The_reason_of_a_server_of_HTTP()
    {
        await using LocalServer server = new(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[4]);
            await stream.WriteAsync("HTTP/1.1 404 a\e[31mRED\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        (int exitCode, string output, string errors) = await Cli.RunAsync("top", server.Name);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.Contain(@"404 a\x1b[31mRED").And.Not.Match("\e"));
    }

    [Test]
    public void What_a_debug_page_says_of_a_socket()
    {
        var socket = new TopSocket("connection", "127.0.0.1:80", Hostile, "", 0, "", null, 1, 1);
        var snapshot = new TopSnapshot(TimeProvider.System.GetTimestamp(), [new TopSelector("epoll", 1, [], [socket])]);
        IReadOnlyList<string> lines = new TopView().Format(snapshot, snapshot, 200, 20);
        Assert.That(string.Concat(lines), Does.Contain(Escaped).And.Not.Match("[\e\n]"));
        Assert.That(new TopView().Format(snapshot, snapshot, 30, 20), Has.All.Length.AtMost(30));
    }

    private static void AssertEscaped(string printed, int times)
    {
        Assert.That(printed.ReplaceLineEndings("\n").Where(character => char.IsControl(character) && character != '\n'), Is.Empty, printed);
        Assert.That(printed.Split(Escaped), Has.Length.GreaterThan(times), printed);
        Assert.That(printed.Split('\n'), Has.None.StartsWith("Trusted"));
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(Hostile);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", NamesOf(Hostile), critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));

        // Elsewhere than on Linux, TLS takes no key that is in memory alone.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    // A builder of the framework would refuse the name.
    private static byte[] NamesOf(string name)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(Encoding.ASCII.GetBytes(name), new Asn1Tag(TagClass.ContextSpecific, 2));
        }

        return writer.Encode();
    }
}
