using System.Text.Json;

namespace Sluice.Cli.Tests;

/// <summary>Each line that a command prints with <c>--json</c> is an object.</summary>
[TestFixture]
public sealed class JsonTests
{
    [Test]
    public async Task Echo_prints_its_events()
    {
        await using Cli server = Cli.Start("echo", "127.0.0.1:0", "--json");
        JsonElement started = await NextAsync(server);
        Assert.That(Text(started, "event"), Is.EqualTo("started"));
        string name;
        using (Client client = await Client.ConnectAsync(PortOf(started)))
        {
            name = client.Name;
            Assert.That(await NextEventAsync(server), Is.EqualTo(("connected", name)));
        }

        Assert.That(await NextEventAsync(server), Is.EqualTo(("disconnected", name)));
    }

    [Test]
    public async Task Echo_under_TLS_prints_its_certificate_as_an_event()
    {
        await using Cli server = Cli.Start("echo", "tls://127.0.0.1:0", "--json");
        Assert.That(Text(await NextAsync(server), "event"), Is.EqualTo("certificate"));
        Assert.That(Text(await NextAsync(server), "event"), Is.EqualTo("started"));
    }

    [Test]
    public async Task Listen_prints_its_events_to_standard_error()
    {
        await using Cli server = Cli.Start("listen", "127.0.0.1:0", "--json");
        server.CloseInput();
        string name = await server.ErrorMatchAsync("\"listen\":\"127\\.0\\.0\\.1:([0-9]+)\"");
        using Client client = await Client.ConnectAsync(int.Parse(name, System.Globalization.CultureInfo.InvariantCulture));
        await client.SendAsync("there");
        client.HalfClose();
        (int exitCode, string output, string errors) = await server.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "there")));
        Assert.That(errors.TrimEnd().Split('\n').Select(line => Text(JsonDocument.Parse(line).RootElement, "event")), Is.EqualTo(new[] { "started", "connected", "disconnected" }));
    }

    [Test]
    public async Task Certificates_that_are_created_and_renewed_have_a_line_each()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("certs");
        Assert.That(await FilesAsync("cert", path, "--json"), Is.EqualTo(new[] { "ca.pem", "server.pem", "client.pem" }));
        Assert.That(await FilesAsync("cert", "renew", path, "--json"), Is.EqualTo(new[] { "server.pem", "client.pem" }));
    }

    [TestCase("connect", "-z", "127.0.0.1:1", "--json", "--tls", "--ca", "none.pem")]
    [TestCase("check", "{0}", "--json", "--tls", "--ca", "none.pem")]
    [TestCase("tls", "{0}", "--json", "--ca", "none.pem")]
    [TestCase("replay", "none.pcapng", "127.0.0.1:1", "--json")]
    [TestCase("udp", "127.0.0.1:1", "--send", "x", "--wait", "0.01", "--json")]
    [TestCase("udp", "192.0.2.1:1", "--json")]
    [TestCase("echo", "192.0.2.1:1", "--json")]
    [TestCase("bench", "127.0.0.1:1", "--json")]
    [TestCase("bench", "127.0.0.1:1", "--json", "--ramp", "x2")]
    [TestCase("top", "127.0.0.1:1", "--json")]
    [TestCase("cert", "none.file/a", "--json")]
    [TestCase("cert", "inspect", "none.pem", "--json")]
    [TestCase("cert", "renew", "none", "--json")]
    public async Task A_command_that_fails_prints_an_object_with_the_error(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await using LocalServer server = LocalServer.Echo();
        folder.Write("none.file", "");
        string[] here = [.. arguments.Select(one => one.StartsWith("none", StringComparison.Ordinal) ? folder.PathOf(one) : one.Replace("{0}", server.Name, StringComparison.Ordinal))];
        (int exitCode, string output, _) = await CommandHere.RunAsync(here);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(ErrorIn(output), Is.Not.Empty);
    }

    [TestCase("listen", "192.0.2.1:1", "--json")]
    [TestCase("listen", "127.0.0.1:0", "--json", "--file", "none")]
    [TestCase("relay", "192.0.2.1:1", "127.0.0.1:1", "--json")]
    [TestCase("relay", "127.0.0.1:0", "tls://127.0.0.1:1", "--ca", "none.pem", "--json")]
    public async Task A_server_that_fails_prints_an_event_to_standard_error(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await CommandHere.RunAsync(arguments);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors.TrimEnd().Split('\n').Select(line => Text(JsonDocument.Parse(line).RootElement, "event")), Is.EqualTo(new[] { "error" }));
    }

    [TestCase("listen", "tls://127.0.0.1:0", "--keep", "--json")]
    [TestCase("relay", "tls://127.0.0.1:0", "127.0.0.1:1", "--json")]
    public async Task A_handshake_that_fails_is_an_event(params string[] arguments)
    {
        await using Cli server = Cli.Start(arguments);
        string port = await server.ErrorMatchAsync("\"listen\":\"tls://127\\.0\\.0\\.1:([0-9]+)\"");
        using Client client = await Client.ConnectAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
        await client.SendAsync("this is no handshake\n");
        string line = await server.ErrorMatchAsync($"^(.*{client.Name}.*)$");
        JsonElement failed = JsonDocument.Parse(line).RootElement;
        Assert.That((Text(failed, "event"), Text(failed, "client")), Is.EqualTo(("error", client.Name)));
    }

    [Test]
    public async Task A_handshake_with_echo_that_fails_is_an_event()
    {
        await using Cli server = Cli.Start("echo", "tls://127.0.0.1:0", "--json");
        Assert.That(Text(await NextAsync(server), "event"), Is.EqualTo("certificate"));
        JsonElement started = await NextAsync(server);
        using Client client = await Client.ConnectAsync(PortOf(started));
        await client.SendAsync("this is no handshake\n");
        Assert.That(await NextEventAsync(server), Is.EqualTo(("error", client.Name)));
    }

    /// <summary>Gets the error of the last object that was printed.</summary>
    internal static string? ErrorIn(string output) => Text(JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement, "error");

    private static async Task<IEnumerable<string?>> FilesAsync(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(arguments);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        JsonElement[] lines = [.. output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(lines.Select(line => Text(line, "sha256")), Is.All.Length.EqualTo(64));
        return lines.Select(line => Path.GetFileName(Text(line, "file")));
    }

    private static async Task<JsonElement> NextAsync(Cli server) => JsonDocument.Parse(await server.ReadLineAsync()).RootElement;

    private static async Task<(string? Event, string? Client)> NextEventAsync(Cli server)
    {
        JsonElement line = await NextAsync(server);
        return (Text(line, "event"), Text(line, "client"));
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();

    private static int PortOf(JsonElement started) => int.Parse(Text(started, "listen")!.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);
}
