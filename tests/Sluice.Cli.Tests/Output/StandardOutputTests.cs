namespace Sluice.Cli.Tests.Output;

/// <summary>The standard output and the standard error output of the command cannot be written.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "The shell and the files are those of Unix.")]
public sealed class StandardOutputTests
{
    [TestCase("help relay --man > /dev/full", "No space left on device", IncludePlatform = "Linux")]
    [TestCase("--version > /dev/full", "No space left on device", IncludePlatform = "Linux")]
    [TestCase("completion bash >&-", "it is closed")]
    public async Task An_output_that_takes_nothing_is_one_line_and_exit_code_1(string arguments, string reason)
    {
        await using Cli shell = Cli.StartShell($"$SLUICE {arguments}");
        (int exitCode, string output, string errors) = await shell.EndAsync();
        Assert.That((exitCode, output, errors), Is.EqualTo((1, "", $"sluice: Writing to the standard output: {reason}\n")));
    }

    [Test]
    public async Task A_client_ends_when_nothing_reads_what_it_prints()
    {
        byte[] bytes = new byte[64 * 1024];
        await using LocalServer server = new(async stream =>
        {
            while (true)
            {
                await stream.WriteAsync(bytes);
            }
        });
        await using Cli client = Cli.Start("connect", server.Name);
        await client.ReadBytesAsync(bytes.Length);
        client.CloseOutput();
        Assert.That(await client.EndWithoutOutputAsync(), Is.EqualTo((141, "")));
    }

    [TestCase("connect {0}", 143)]
    [TestCase("relay - {0}", 0)]
    [TestCase("relay fd:1 {0}", 0)]
    public async Task A_signal_does_not_wait_for_a_reader_that_takes_nothing(string arguments, int expected)
    {
        long sent = 0;
        byte[] bytes = new byte[64 * 1024];
        await using LocalServer server = new(async stream =>
        {
            while (true)
            {
                await stream.WriteAsync(bytes);
                Interlocked.Add(ref sent, bytes.Length);
            }
        });
        await using Cli command = Cli.StartShell($"exec $SLUICE {string.Format(System.Globalization.CultureInfo.InvariantCulture, arguments, server.Name)}");

        // Until all buffers are full.
        long before;
        do
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
        while (before == 0 || before != Interlocked.Read(ref sent));

        await command.SignalAsync("TERM");
        Assert.That((await command.EndWithoutOutputAsync()).ExitCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_listener_ends_when_nothing_reads_what_it_prints()
    {
        (Cli server, int port) = await Cli.StartListeningAsync(@"Listening at 127\.0\.0\.1:(\d+)", "listen", "127.0.0.1:0", "--keep");
        await using (server)
        {
            server.CloseOutput();
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("lost");
            Assert.That((await server.EndWithoutOutputAsync()).ExitCode, Is.EqualTo(141));
        }
    }

    [Test]
    public async Task A_relay_of_the_standard_output_ends_when_nothing_reads_it()
    {
        byte[] bytes = new byte[64 * 1024];
        await using LocalServer server = new(async stream =>
        {
            while (true)
            {
                await stream.WriteAsync(bytes);
            }
        });
        await using Cli relay = Cli.Start("relay", "-", server.Name);
        await relay.ReadBytesAsync(bytes.Length);
        relay.CloseOutput();
        Assert.That((await relay.EndWithoutOutputAsync()).ExitCode, Is.EqualTo(141));
    }

    [TestCase("", ">&-")]
    [TestCase("--json", ">&-")]
    [TestCase("", ">/dev/full", IncludePlatform = "Linux")]
    [TestCase("--json", ">/dev/full", IncludePlatform = "Linux")]
    [TestCase("--tls", ">/dev/full", IncludePlatform = "Linux")]
    public async Task An_echo_server_serves_although_it_cannot_print_messages(string options, string redirection)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("s");
        await using Cli server = Cli.StartShell($"exec $SLUICE echo unix:{path} --raw {options} {redirection}");
        await Waiting.UntilAsync(() => Task.FromResult(File.Exists(path)), "the server listens");
        await using Cli client = Cli.Start(["connect", $"unix:{path}", .. options == "--tls" ? (string[])["--tls", "--insecure"] : []]);
        await client.TypeAsync("there");
        client.CloseInput();
        (int exitCode, string output, _) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "there")));
    }

    [TestCase("2>&-")]
    [TestCase("2>/dev/full", IncludePlatform = "Linux")]
    public async Task A_relay_serves_although_it_cannot_print_messages(string redirection)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("s");
        await using LocalServer target = LocalServer.Echo();
        await using Cli relay = Cli.StartShell($"exec $SLUICE relay unix:{path} {target.Name} {redirection}");
        await Waiting.UntilAsync(() => Task.FromResult(File.Exists(path)), "the relay listens");
        await using Cli client = Cli.Start("connect", $"unix:{path}");
        await client.TypeAsync("there");
        client.CloseInput();
        (int exitCode, string output, _) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "there")));
    }
}
