namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class UsageTests
{
    [TestCase("frob")]
    [TestCase("echo", "nowhere")]
    [TestCase("echo", "127.0.0.1:70000")]
    [TestCase("echo", "::1:80")]
    [TestCase("echo", "--loops", "0")]
    [TestCase("echo", "--loops", "many")]
    [TestCase("echo", "--max-line", "-1")]
    [TestCase("echo", "--engine", "kqueue")]
    [TestCase("echo", "--engine", "1")]
    [TestCase("connect")]
    [TestCase("connect", ":80")]
    public async Task What_is_not_understood_is_one_line_and_exit_code_2(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(arguments);
        Assert.That((exitCode, output), Is.EqualTo((2, "")));
        Assert.That(errors.TrimEnd(), Does.StartWith("sluice: ").And.Not.Contain("\n").And.Contains("--help"));
    }

    [Test]
    public async Task Help_calls_the_command_by_its_name_and_lists_its_commands()
    {
        (int exitCode, string output, _) = await Cli.RunAsync("--help");
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Contain("sluice [command]").And.Contains("echo").And.Contains("connect"));
    }

    [TestCase("127.0.0.1:2323", "127.0.0.1", 2323)]
    [TestCase("localhost:0", "localhost", 0)]
    [TestCase("[::1]:65535", "::1", 65535)]
    [TestCase(":80", "0.0.0.0", 80)]
    [TestCase("80", "0.0.0.0", 80)]
    public void A_listener_is_parsed(string text, string host, int port)
    {
        Assert.That(HostAndPort.TryParse(text, "0.0.0.0", out HostAndPort parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(new HostAndPort(host, port)));
    }
}
