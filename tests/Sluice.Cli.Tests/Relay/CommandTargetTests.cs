namespace Sluice.Cli.Tests.Relay;

/// <summary>Relays whose target is a command: its end is the end of the connection.</summary>
[Platform(Exclude = "Win", Reason = "The commands are for a Unix shell.")]
public sealed class CommandTargetTests(string engine) : BothEngines(engine)
{
    private const string Listening = @"^Relaying 127\.0\.0\.1:(\d+) to ";

    [Test]
    public async Task The_end_of_the_command_ends_a_connection_whose_client_stays()
    {
        (Cli relay, int port) = await StartAsync("exec:echo hi");
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.ExpectAsync("hi\n");
            await client.ExpectEndAsync();
            Assert.That(await relay.ErrorMatchAsync(@"disconnected after [0-9.]+ s, (.+)$"), Is.EqualTo("0 bytes there, 3 back"));
        }
    }

    [TestCase]
    [TestCase("--latency", "1ms")]
    public async Task The_answer_of_a_command_that_does_not_read_all_arrives_whole(params string[] options)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("wait", "");
        (Cli relay, int port) = await StartAsync([$"exec:head -c 1 > /dev/null; exec <&-; while [ -e {file} ]; do sleep 0.1; done; echo done", .. options]);
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);

            // Less than the buffers of the kernel hold.
            await client.SendAsync(new byte[200_000]);
            client.HalfClose();
            File.Delete(file);
            await client.ExpectAsync("done\n");
            await client.ExpectEndAsync();
            Assert.That(await relay.ErrorMatchAsync(@"disconnected after [0-9.]+ s, \d+ bytes? there, (.+)$"), Is.EqualTo("5 back"));
        }
    }

    [Test]
    public async Task Commands_are_not_started_by_checks()
    {
        using var folder = new TemporaryFolder();
        await using LocalServer target = LocalServer.Echo();
        string file = folder.PathOf("started");
        (Cli relay, _) = await StartAsync($"exec:echo started >> {file}", target.Name, "--check", "0.1");
        await using (relay)
        {
            await Waiting.UntilAsync(() => target.Connections >= 3, "the other target is checked several times");
            Assert.That(File.Exists(file), Is.False);
        }
    }

    private Task<(Cli Server, int Port)> StartAsync(params string[] targets) => Cli.StartListeningAsync(Listening, ["relay", "127.0.0.1:0", .. targets, "--engine", Engine]);
}
