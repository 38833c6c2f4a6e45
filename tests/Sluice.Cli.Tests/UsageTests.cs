using System.Net.Sockets;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class UsageTests
{
    [TestCase("Required command", new string[0])]
    [TestCase("no command 'frob'", new[] { "frob" })]
    [TestCase("no option '--frob'", new[] { "--frob" })]
    [TestCase("'nowhere' is not HOST:PORT", new[] { "echo", "nowhere" })]
    [TestCase("'127.0.0.1:70000' is not HOST:PORT", new[] { "echo", "127.0.0.1:70000" })]
    [TestCase("'::1:80' is not HOST:PORT", new[] { "echo", "::1:80" })]
    [TestCase("no option '--frob'", new[] { "echo", "--frob" })]
    [TestCase("'b:2'", new[] { "echo", "a:1", "b:2" })]
    [TestCase("--loops is a number", new[] { "echo", "--loops", "0" })]
    [TestCase("not 'many'", new[] { "echo", "--loops", "many" })]
    [TestCase("--max-line is a number", new[] { "echo", "--max-line", "-1" })]
    [TestCase("--max-connections is a number", new[] { "echo", "--max-connections", "99999999999" })]
    [TestCase("--idle-timeout is a number", new[] { "echo", "--idle-timeout", "1.5" })]
    [TestCase("--grace is a number", new[] { "echo", "--grace", "" })]
    [TestCase("'--max-line'", new[] { "echo", "--max-line" })]
    [TestCase("no engine 'kqueue'", new[] { "echo", "--engine", "kqueue" })]
    [TestCase("no engine '1'", new[] { "connect", "127.0.0.1:80", "--engine", "1" })]
    [TestCase("'connect'", new[] { "connect" })]
    [TestCase("':80' is not HOST:PORT", new[] { "connect", ":80" })]
    [TestCase("--cert needs --tls", new[] { "echo", "--cert", "x.pem" })]
    [TestCase("--key needs --cert", new[] { "echo", "--tls", "--key", "x.key" })]
    [TestCase("--insecure needs --tls", new[] { "connect", "127.0.0.1:80", "--insecure" })]
    [TestCase("no protocol 'pop3'", new[] { "connect", "127.0.0.1:80", "--tls", "--starttls", "pop3" })]
    [TestCase("--days is a number", new[] { "cert", "--days", "4000" })]
    public async Task What_is_not_understood_is_one_line_and_exit_code_2(string said, string[] arguments)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(arguments);
        Assert.That((exitCode, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith("sluice: ").And.Contains(said).And.Contains("--help").And.Match(@"^[^\r\n]+\r?\n$"));
    }

    [Test]
    public async Task Help_calls_the_command_by_its_name_and_lists_its_commands()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("--help");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("sluice [command]").And.Contains("echo").And.Contains("connect"));
    }

    [TestCase(
        "echo",
        new[] { "[default: 127.0.0.1:2323]", "--engine", "--loops", "--raw", "--quiet", "--max-line", "--max-connections", "--idle-timeout", "--grace" })]
    [TestCase("connect", new[] { "HOST:PORT", "--engine", "--lf", "--crlf" })]
    public async Task Help_of_a_command_lists_its_options(string command, string[] parts)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(command, "--help");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        foreach (string part in parts)
        {
            Assert.That(output, Does.Contain(part));
        }
    }

    [Test]
    public async Task The_version_is_printed()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("--version");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Match(@"^\d+\.\d+\.\d+"));
    }

    [TestCase("0", "0.0.0.0")]
    [TestCase(":0", "0.0.0.0")]
    [TestCase("localhost:0", "127.0.0.1")]
    [TestCase("[::1]:0", "[::1]")]
    public async Task It_says_where_it_listens(string address, string host)
    {
        if (address.StartsWith('[') && !Socket.OSSupportsIPv6)
        {
            Assert.Ignore("There is no IPv6 here.");
        }

        await using Cli server = Cli.Start("echo", address);
        string line = await server.ReadLineAsync();
        Assert.That(line, Does.Match($"^Started echo server at {System.Text.RegularExpressions.Regex.Escape(host)}:[1-9][0-9]*$"));
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

    [TestCase("")]
    [TestCase(":")]
    [TestCase("host:")]
    [TestCase("host")]
    [TestCase("host:65536")]
    [TestCase("host:-1")]
    [TestCase("host:+1")]
    [TestCase("host: 1")]
    [TestCase("host:0x10")]
    [TestCase("::1")]
    [TestCase("[::1]")]
    [TestCase("[]:1")]
    [TestCase("[host]:1")]
    [TestCase("[::1:1")]
    public void What_is_no_listener_is_not_parsed(string text) => Assert.That(HostAndPort.TryParse(text, "0.0.0.0", out _), Is.False);

    [TestCase(":80")]
    [TestCase("80")]
    public void A_target_needs_a_host(string text) => Assert.That(HostAndPort.TryParse(text, hostIfNone: null, out _), Is.False);
}
