using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Tests.EndPoints;

public sealed class EndPointKindsTests(string engine) : BothEngines(engine)
{
    [TestCase("unix:{0}")]
    [TestCase("unix:@{0}")]
    [TestCase("udp://127.0.0.1:0")]
    [TestCase("tls://127.0.0.1:0")]
    public async Task What_is_piped_to_an_echo_server_comes_back(string kind)
    {
        if (kind.Contains('@') && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("Abstract names need Linux.");
        }

        using var folder = new UnixFolder();
        string name = string.Format(System.Globalization.CultureInfo.InvariantCulture, kind, Path.Combine(folder.Path, "echo"));
        await using Cli server = Cli.Start("echo", name, "--engine", Engine, "--raw");
        string at = (await server.ReadMatchAsync("^Started echo server at ([^ ]+)")).Replace("udp://0", "udp://127", StringComparison.Ordinal);
        string target = kind.StartsWith("tls:", StringComparison.Ordinal) ? $"tls://{at}" : at;
        string[] options = kind.StartsWith("tls:", StringComparison.Ordinal) ? ["--insecure"] : [];
        await using Cli client = Cli.Start(["connect", target, "--engine", Engine, .. options]);
        await client.TypeAsync("one\0two");
        await client.ExpectAsync("one\0two");
        client.CloseInput();
        Assert.That((await client.EndAsync()).ExitCode, Is.Zero);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "The command is for a Unix shell.")]
    public async Task A_command_is_an_end_point()
    {
        await using Cli client = Cli.Start("connect", "exec:tr a-z A-Z", "--engine", Engine);
        await client.TypeAsync("shout");
        client.CloseInput();
        Assert.That(await client.EndAsync(), Is.EqualTo((0, "SHOUT", "")));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no descriptors.")]
    public async Task A_descriptor_that_is_not_open_is_one_line_and_exit_code_1()
    {
        Assert.That(await Cli.RunAsync("connect", "fd:990", "--engine", Engine), Is.EqualTo((1, "", "sluice: fd:990 is not open.\n")));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no descriptors.")]
    public void A_descriptor_of_the_runtime_is_not_one_that_is_inherited()
    {
        using var folder = new TemporaryFolder();
        using FileStream own = File.Create(folder.PathOf("own"));
        int descriptor = (int)own.SafeFileHandle.DangerousGetHandle();
        Assert.That(Assert.Throws<IOException>(() => Sluice.Cli.EndPoints.Descriptors.IsSocket(descriptor))!.Message, Is.EqualTo($"fd:{descriptor} is not open."));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no descriptors.")]
    public async Task A_descriptor_can_be_a_file_to_write_to()
    {
        using var folder = new UnixFolder();
        string command = $"exec dotnet '{typeof(ExitCodes).Assembly.Location}' connect fd:4 --engine {Engine} 4> '{folder["file"]}'";
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", $"echo written | {{ {command}; }}"]))!;
        await shell.WaitForExitAsync().Soon();
        Assert.That(shell.ExitCode, Is.Zero);
        Assert.That(await File.ReadAllTextAsync(folder["file"]), Is.EqualTo("written\n"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no descriptors.")]
    public async Task A_file_is_written_where_other_processes_have_ended_and_they_go_on_behind_it()
    {
        using var folder = new UnixFolder();
        await using Cli shell = Cli.StartShell($"(echo head >&3; echo data | $SLUICE connect fd:3 --engine {Engine}; echo tail >&3) 3> '{folder["file"]}'");
        (int exitCode, _, string errors) = await shell.EndAsync();
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(await File.ReadAllTextAsync(folder["file"]), Is.EqualTo("head\ndata\ntail\n"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no descriptors.")]
    public async Task A_file_is_read_from_where_other_processes_have_ended_and_they_go_on_at_its_end()
    {
        using var folder = new UnixFolder();
        await File.WriteAllTextAsync(folder["file"], "head\ndata\n");
        await using Cli shell = Cli.StartShell($"exec 3< '{folder["file"]}'; dd bs=5 count=1 <&3 2>/dev/null; $SLUICE connect fd:3 --engine {Engine} </dev/null; echo rest; cat <&3");
        Assert.That(await shell.EndAsync(), Is.EqualTo((0, "head\ndata\nrest\n", "")));
    }

    [Test]
    public async Task A_host_and_a_port_can_stand_apart()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        (int exitCode, string output, _) = await Cli.RunAsync("connect", "-z", "-4", "localhost", $"{port}", "--engine", Engine);
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Match(@"^localhost:\d+ is open \(127\.0\.0\.1:\d+\), \d+\.\d ms\r?\n$"));
    }

    [Test]
    public async Task An_address_of_the_other_family_is_refused()
    {
        (int exitCode, _, string errors) = await Cli.RunAsync("connect", "-6", "127.0.0.1:80", "--engine", Engine);
        Assert.That((exitCode, errors), Is.EqualTo((1, $"sluice: 127.0.0.1:80 is not an IPv6 address.{Environment.NewLine}")));
    }
}
