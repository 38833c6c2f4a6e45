namespace Sluice.Cli.Tests.Listen;

public sealed class ListenTests(string engine) : BothEngines(engine)
{
    private const string Listening = @"^Listening at (?:udp://)?127\.0\.0\.1:(\d+)";

    [Test]
    public async Task A_file_that_cannot_be_read_ends_it_at_its_start()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("This user can read any file, or files have no modes.");
            return;
        }

        using var folder = new TemporaryFolder();
        string file = folder.Write("secret", "text");
        File.SetUnixFileMode(file, UnixFileMode.UserWrite);
        Assert.That(await Cli.RunAsync("listen", "127.0.0.1:0", "--file", file, "--engine", Engine), Is.EqualTo((1, "", $"sluice: Access to the path '{file}' is denied.\n")));
    }

    [Test]
    public async Task One_connection_is_printed_and_answered_and_its_end_is_the_end()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("from the client");
            await server.ExpectAsync("from the client");
            await server.TypeAsync("from the server");
            await client.ExpectAsync("from the server");
            client.HalfClose();
            await client.ExpectEndAsync();
            Assert.That((await server.EndAsync()).ExitCode, Is.Zero);
        }
    }

    [Test]
    public async Task Connections_are_served_one_after_the_other()
    {
        (Cli server, int port) = await StartAsync("-k");
        await using (server)
        {
            foreach (string text in (string[])["one", "two"])
            {
                using Client client = await Client.ConnectAsync(port);
                await client.SendAsync(text);
                client.HalfClose();
                await server.ExpectAsync(text);
                await client.ExpectEndAsync();
            }
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "The command is for a Unix shell.")]
    public async Task A_command_serves_each_connection()
    {
        (Cli server, int port) = await StartAsync("--exec", "read line; echo \"$SLUICE_REMOTE says $line\"");
        await using (server)
        {
            using Client one = await Client.ConnectAsync(port);
            using Client other = await Client.ConnectAsync(port);
            await other.SendAsync("hello\n");
            await other.ExpectAsync($"{other.Name} says hello\n");
            await other.ExpectEndAsync();
            await one.SendAsync("bye\n");
            await one.ExpectAsync($"{one.Name} says bye\n");
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "The command is for a Unix shell.")]
    public async Task The_log_says_that_a_command_has_failed()
    {
        (Cli server, int port) = await StartAsync("--exec", "exit 7", "-v");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.ExpectEndAsync();
            Assert.That(await server.ErrorMatchAsync("disconnected: (.*)$"), Is.EqualTo("exec:exit 7: exit code 7"));
        }
    }

    [Test]
    public async Task The_log_says_of_each_client_why_it_has_gone()
    {
        (Cli server, int port) = await StartAsync("--chat", "-v");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await server.ErrorMatchAsync("(connected)$");
            string name = client.Name;
            client.Reset();
            Assert.That(await server.ErrorMatchAsync("^(.*) disconnected: .*reset"), Is.EqualTo(name));
        }
    }

    [Test]
    public async Task A_chat_sends_to_all_others()
    {
        (Cli server, int port) = await StartAsync("--chat", "-v");
        await using (server)
        {
            using Client one = await Client.ConnectAsync(port);
            using Client two = await Client.ConnectAsync(port);
            await server.ErrorMatchAsync(@"connected\r?\n.* (connected)");
            using Client three = await Client.ConnectAsync(port);
            await three.SendAsync("hello");
            await one.ExpectAsync("hello");
            await two.ExpectAsync("hello");
            await one.SendAsync("hi");
            await two.ExpectAsync("hi");
            await three.ExpectAsync("hi");
        }
    }

    [Test]
    public async Task A_file_is_sent_to_each_client()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", new string('x', 100_000));
        (Cli server, int port) = await StartAsync("--file", file);
        await using (server)
        {
            for (int i = 0; i < 2; i++)
            {
                using Client client = await Client.ConnectAsync(port);
                await client.ExpectAsync(new string('x', 100_000));
                await client.ExpectEndAsync();
            }
        }
    }

    [Test]
    public async Task Characters_are_generated_as_the_RFC_says()
    {
        (Cli server, int port) = await StartAsync("--send");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.ExpectAsync(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n!\"#");
            client.Reset();
        }
    }

    private Task<(Cli Server, int Port)> StartAsync(params string[] options) =>
        Cli.StartListeningAsync(Listening, ["listen", "127.0.0.1:0", "--engine", Engine, .. options]);
}
