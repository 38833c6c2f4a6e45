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
