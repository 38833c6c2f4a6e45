namespace Sluice.Cli.Tests;

/// <summary>Files that the command reads and that are not what they should be: devices, folders, pipes, and empty ones.</summary>
[TestFixture]
public sealed class InputFileTests
{
    private static IEnumerable<string[]> Commands =>
    [
        ["cert", "inspect", "{file}"],
        ["connect", "tls://127.0.0.1:1", "--ca", "{file}"],
        ["connect", "-z", "tls://127.0.0.1:1", "--ca", "{file}"],
        ["connect", "tls://127.0.0.1:1", "--cert", "{file}"],
        ["connect", "tls://127.0.0.1:1", "--cert", "{certificate}", "--key", "{file}"],
        ["tls", "127.0.0.1:1", "--ca", "{file}"],
        ["check", "tls://127.0.0.1:1", "--ca", "{file}"],
        ["top", "tls://127.0.0.1:1", "--ca", "{file}", "--once"],
        ["replay", "{certificate}", "tls://127.0.0.1:1", "--ca", "{file}"],
        ["relay", "127.0.0.1:0", "tls://127.0.0.1:1", "--ca", "{file}"],
        ["echo", "tls://127.0.0.1:0", "--cert", "{file}"],
        ["echo", "tls://127.0.0.1:0", "--cert", "{certificate}", "--key", "{file}"],
        ["echo", "tls://127.0.0.1:0", "--client-ca", "{file}"],
    ];

    private static IEnumerable<string[]> CommandsWithOtherFiles =>
    [
        ["replay", "{file}", "127.0.0.1:1"],
        ["listen", "127.0.0.1:0", "--file", "{file}"],
        ["relay", "127.0.0.1:0", "127.0.0.1:1", "--record", "{file}"],
        ["bench", "127.0.0.1:1", "--report", "{file}"],
    ];

    [TestCaseSource(nameof(Commands))]
    [Platform("Linux", Reason = "Windows has no such device.")]
    public async Task A_device_without_an_end_is_an_error_before_a_connection(params string[] arguments) =>
        await AssertErrorAsync(arguments, "/dev/zero", "sluice: /dev/zero has more than 16777216 bytes, which is too much for certificates and keys.");

    [TestCaseSource(nameof(Commands))]
    [TestCaseSource(nameof(CommandsWithOtherFiles))]
    public async Task A_folder_is_said_to_be_one(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await AssertErrorAsync(arguments, folder.PathOf(""), $"sluice: {folder.PathOf("")} is a folder.");
    }

    [Test]
    public async Task An_empty_file_is_said_to_be_empty([Values("empty.pem", "empty.pfx")] string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(name, "");
        await AssertErrorAsync(["cert", "inspect", "{file}"], path, $"sluice: {path} is empty.");
    }

    [Test]
    public async Task What_is_wrong_with_the_certificate_of_a_server_names_the_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("server.pem", TestCertificates.Server.ExportCertificatePem());
        string key = folder.Write("server.key", "");
        (int exitCode, _, string errors) = await CommandHere.RunAsync("echo", "tls://127.0.0.1:0", "--cert", path, "--key", key);
        Assert.That((exitCode, errors), Is.EqualTo((1, $"sluice: {path}: The key contents do not contain a PEM, the content is malformed, or the key does not match the certificate.{Environment.NewLine}")));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "The shell is that of Unix.")]
    public async Task Authorities_come_through_a_pipe_that_each_connection_reads()
    {
        using var folder = new TemporaryFolder();
        Assert.That((await CommandHere.RunAsync("cert", folder.PathOf("certs"))).ExitCode, Is.Zero);
        await using Cli server = Cli.Start("echo", "tls://127.0.0.1:0", "--cert", folder.PathOf("certs/server.pem"), "--key", folder.PathOf("certs/server.key"));
        string port = await server.ReadMatchAsync(@"^Started echo server at 127\.0\.0\.1:(\d+) under TLS");
        await using Cli check = Cli.StartShell($"cat {folder.PathOf("certs/ca.pem")} | $SLUICE check tls://localhost:{port} --ca /dev/stdin --send 'hi\\n' --wait 10");
        (int exitCode, string output, string errors) = await check.EndAsync();
        Assert.That((exitCode, errors), Is.EqualTo((0, "")), output);
        Assert.That(output, Does.Contain("trusted for localhost"));
    }

    private static async Task AssertErrorAsync(string[] arguments, string file, string expected)
    {
        using var folder = new TemporaryFolder();
        string certificate = folder.Write("certificate.pem", TestCertificates.Server.ExportCertificatePem());
        (int exitCode, _, string errors) = await CommandHere.RunAsync(
            [.. arguments.Select(one => one.Replace("{file}", file, StringComparison.Ordinal).Replace("{certificate}", certificate, StringComparison.Ordinal))]);
        Assert.That((exitCode, errors), Is.EqualTo((1, expected + Environment.NewLine)));
    }
}
