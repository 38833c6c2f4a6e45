using Sluice.Cli.Output;

namespace Sluice.Cli.Tests.Output;

/// <summary>The command is started without some of the standard streams.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "The shell is that of Unix.")]
public sealed class StandardStreamsTests
{
    [TestCase("")]
    [TestCase("--crlf")]
    [TestCase("--hex")]
    public async Task An_input_that_is_closed_is_empty(string option)
    {
        byte[] rest = [];
        await using var server = new LocalServer(async stream =>
        {
            using var sent = new MemoryStream();
            await stream.CopyToAsync(sent);
            rest = sent.ToArray();
            await stream.WriteAsync("bye\n"u8.ToArray());
        });
        await using Cli client = Cli.StartShell($"exec $SLUICE connect {server.Name} {option} <&-");
        (int exitCode, string output, string errors) = await client.EndAsync();
        Assert.That((exitCode, errors, rest), Is.EqualTo((0, "", Array.Empty<byte>())));
        Assert.That(output, Does.Contain("bye"));
    }

    [Test]
    public async Task A_relay_serves_without_any_of_them()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("s");
        await using LocalServer target = LocalServer.Echo();
        await using Cli relay = Cli.StartShell($"exec $SLUICE relay unix:{path} {target.Name} <&- >&- 2>&-");
        await Waiting.UntilAsync(() => Task.FromResult(File.Exists(path)), "the relay listens");
        await using Cli client = Cli.Start("connect", $"unix:{path}");
        await client.TypeAsync("there");
        client.CloseInput();
        (int exitCode, string output, _) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "there")));
    }

    [TestCase(80, "1 of 2 connections open, 3.0 MB/s in, in all 11.9 MB in")]
    [TestCase(54, "1 of 2 connections open, 3.0 MB/s in")]
    [TestCase(30, "1 of 2 connections open")]
    [TestCase(10, "1 of 2 con")]
    [TestCase(-1, "")]
    public void Progress_leaves_out_what_has_no_room(int width, string shown) =>
        Assert.That(Progress.Fit("1 of 2 connections open, 3.0 MB/s in, in all 11.9 MB in", width), Is.EqualTo(shown));
}
