namespace Sluice.Cli.Tests.Output;

/// <summary>A terminal that takes no control sequences, as TERM says. The program <c>script</c> gives the command a terminal.</summary>
[Platform("Linux", Reason = "The options of script are those of util-linux.")]
public sealed class DumbTerminalTests(string engine) : BothEngines(engine)
{
    private const string EraseLine = "\r\e[K";

    [Test]
    public async Task Progress_is_for_terminals_that_can_erase_it([Values("xterm", "dumb", "")] string kind)
    {
        RealPeer.Find("script");
        await using Cli server = Cli.StartShell($"TERM={kind} exec script -qec \"stty cols 100; $SLUICE listen 127.0.0.1:0 --receive --engine {Engine}\" /dev/null");

        // A terminal that can do more is set up first, in the same line.
        string port = await server.ReadMatchAsync(@"Listening at 127\.0\.0\.1:(\d+)");
        using (Client client = await Client.ConnectAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)))
        {
            await client.SendAsync("something");

            // The progress is shown each second.
            await Task.Delay(TimeSpan.FromSeconds(2.5));
        }

        await server.TypeAsync("\x03");
        (_, string output, _) = await server.EndAsync();
        Assert.That(output.Contains(EraseLine + "1 of 1 connections open", StringComparison.Ordinal), Is.EqualTo(kind == "xterm"));
        Assert.That(output.Contains('\e'), Is.EqualTo(kind == "xterm"));
    }

    [Test]
    public async Task Typed_lines_stand_on_a_dumb_terminal_as_they_are()
    {
        RealPeer.Find("script");
        await using LocalServer server = LocalServer.Echo();
        await using Cli client = Cli.StartShell($"TERM=dumb exec script -qec \"$SLUICE connect {server.Name} --lf --engine {Engine}\" /dev/null");
        await client.TypeAsync("hello\n");
        Assert.That(await client.ReadMatchAsync("^(hello)"), Is.EqualTo("hello"));
        Assert.That(await client.ReadMatchAsync("^(hello)"), Is.EqualTo("hello"));
        await client.TypeAsync("\x04");
        (int exitCode, string output, _) = await client.EndAsync();
        Assert.That(exitCode, Is.Zero);
        Assert.That(output.Contains('\e'), Is.False);
    }
}
