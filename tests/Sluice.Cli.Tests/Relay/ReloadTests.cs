namespace Sluice.Cli.Tests.Relay;

[Platform(Exclude = "Win", Reason = "Windows has no SIGHUP.")]
public sealed class ReloadTests(string engine) : BothEngines(engine)
{
    private const string Listening = @"^Relaying 127\.0\.0\.1:(\d+) to ";

    [Test]
    public async Task New_connections_have_the_new_targets_and_old_ones_continue()
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("relay.conf");
        await using LocalServer one = LocalServer.Echo();
        await using LocalServer other = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync(file, $"# where, and to what\n127.0.0.1:0\n{one.Name}\n--engine {Engine}\n");
        await using (relay)
        {
            using Client old = await Client.ConnectAsync(port);
            await old.SendAsync("one");
            await old.ExpectAsync("one");

            await ReloadAsync(relay, file, $"127.0.0.1:0\n{other.Name}\n--cut-after 8 --engine {Engine}\n--loops 3\n");
            Assert.That(await relay.ErrorMatchAsync("^Reloaded, relaying to (.+)\n"), Is.EqualTo($"{other.Name}; changed only by a restart: --loops"));

            using Client fresh = await Client.ConnectAsync(port);
            await fresh.SendAsync("cut");
            await fresh.ExpectAsync("cut");
            await fresh.SendAsync("more");
            await relay.ErrorMatchAsync("(cut after 8 bytes)");
            await old.SendAsync("never cut");
            await old.ExpectAsync("never cut");
            Assert.That((one.Connections, other.Connections), Is.EqualTo((1, 1)));
        }
    }

    [Test]
    public async Task Arguments_that_are_wrong_change_nothing()
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("relay.conf");
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync(file, $"127.0.0.1:0 {target.Name} --engine {Engine}");
        await using (relay)
        {
            await ReloadAsync(relay, file, $"127.0.0.1:0 {target.Name} --latenzy 5s");
            Assert.That(await relay.ErrorMatchAsync("^Not reloaded: (.+)\n"), Does.StartWith("There is no option '--latenzy'. Did you mean '--latency'?"));
            File.Delete(file);
            await relay.SignalAsync("HUP");
            await relay.ErrorMatchAsync("^Not reloaded: (.+not found.+)\n");
            await ReloadAsync(relay, file, $"127.0.0.1:0 {target.Name} @{file}");
            await relay.ErrorMatchAsync("^Not reloaded: (.+contains itself.+)\n");
            File.Delete(file);
            Directory.CreateDirectory(file);
            await relay.SignalAsync("HUP");
            await relay.ErrorMatchAsync("^Not reloaded: (.+is a folder.+)\n");
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("there");
            await client.ExpectAsync("there");
        }
    }

    [Test]
    public async Task The_most_connections_change_while_it_runs()
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("relay.conf");
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync(file, $"127.0.0.1:0 {target.Name} --engine {Engine} --max-connections 1");
        await using (relay)
        {
            using Client first = await Client.ConnectAsync(port);
            await first.SendAsync("first");
            await first.ExpectAsync("first");

            // In the backlog: it is connected, and not served.
            using Client second = await Client.ConnectAsync(port);
            await second.SendAsync("second");
            await ReloadAsync(relay, file, $"127.0.0.1:0 {target.Name} --engine {Engine} --max-connections 2");
            await second.ExpectAsync("second");
        }
    }

    [Test]
    public async Task Without_a_file_a_hang_up_ends_it()
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, _) = await Cli.StartListeningAsync(Listening, "relay", "127.0.0.1:0", target.Name, "--engine", Engine);
        await using (relay)
        {
            await relay.SignalAsync("HUP");
            Assert.That((await relay.EndAsync()).ExitCode, Is.Not.Zero);
        }
    }

    [Test]
    public async Task Only_relay_takes_a_file_of_arguments()
    {
        (int exitCode, _, string errors) = await Cli.RunAsync("connect", "@nothing");
        Assert.That((exitCode, errors), Is.EqualTo((2, "sluice: '@nothing' has no port; write @nothing:PORT. Try 'sluice connect --help'.\n")));
    }

    private static async Task<(Cli Relay, int Port)> StartAsync(string file, string arguments)
    {
        await File.WriteAllTextAsync(file, arguments);
        return await Cli.StartListeningAsync(Listening, "relay", $"@{file}");
    }

    private static async Task ReloadAsync(Cli relay, string file, string arguments)
    {
        await File.WriteAllTextAsync(file, arguments);
        await relay.SignalAsync("HUP");
    }
}
