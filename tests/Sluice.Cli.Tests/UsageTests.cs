using System.CommandLine;
using System.Net.Sockets;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class UsageTests
{
    [TestCase("There is no command.", new string[0])]
    [TestCase("Did you mean '--timeout'?", new[] { "connect", "localhost:80", "--timeuot", "3" })]
    [TestCase("no command 'frob'", new[] { "frob" })]
    [TestCase("no option '--frob'", new[] { "--frob" })]
    [TestCase("'nowhere' has no port; write nowhere:PORT", new[] { "echo", "nowhere" })]
    [TestCase("'70000' is not a number from 0 to 65535", new[] { "echo", "127.0.0.1:70000" })]
    [TestCase("'exec:cat' cannot be used here", new[] { "echo", "exec:cat" })]
    [TestCase("-4 and -6 exclude each other", new[] { "connect", "localhost:80", "-4", "-6" })]
    [TestCase("'ftp://x:1' is not a proxy", new[] { "connect", "localhost:80", "--via", "ftp://x:1" })]
    [TestCase("'v1:here' is not a PROXY header", new[] { "connect", "localhost:80", "--proxy-header", "v1:here" })]
    [TestCase("no option '--frob'", new[] { "echo", "--frob" })]
    [TestCase("'b:2'", new[] { "echo", "a:1", "b:2" })]
    [TestCase("--loops is a number", new[] { "echo", "--loops", "0" })]
    [TestCase("not 'many'", new[] { "echo", "--loops", "many" })]
    [TestCase("--max-line is a number", new[] { "echo", "--max-line", "-1" })]
    [TestCase("--max-connections is a number", new[] { "echo", "--max-connections", "99999999999" })]
    [TestCase("--idle-timeout is a time", new[] { "echo", "--idle-timeout", "1.5x" })]
    [TestCase("--grace is a time", new[] { "echo", "--grace", "" })]
    [TestCase("'--max-line' needs BYTES.", new[] { "echo", "--max-line" })]
    [TestCase("no engine 'kqueue'", new[] { "echo", "--engine", "kqueue" })]
    [TestCase("no engine '1'", new[] { "connect", "127.0.0.1:80", "--engine", "1" })]
    [TestCase("'sluice connect' needs END_POINT.", new[] { "connect" })]
    [TestCase("'sluice relay' needs LISTEN TARGET.", new[] { "relay", "80" })]
    [TestCase("'81' is one argument too many.", new[] { "connect", "a", "80", "81" })]
    [TestCase("'-' can be used only once.", new[] { "relay", "-", "-" })]
    [TestCase("'fd:3' can be used only once.", new[] { "relay", "80", "fd:3", "fd:3" })]
    [TestCase("has a path that is too long for a socket.", new[] { "connect", "unix:/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" })]
    [TestCase("there is no network interface 'nosuch'.", new[] { "connect", "[fe80::1%nosuch]:80" })]
    [TestCase("there is no network interface 'nosuch'.", new[] { "listen", "fe80::1%nosuch", "80" })]
    [TestCase("needs its network interface: write [fe80::1%INTERFACE]:PORT.", new[] { "connect", "fe80::1", "80" })]
    [TestCase("':0' has port 0", new[] { "connect", ":0" })]
    [TestCase("--cert needs --tls", new[] { "echo", "--cert", "x.pem" })]
    [TestCase("--key needs --cert", new[] { "echo", "--tls", "--key", "x.key" })]
    [TestCase("--insecure needs --tls", new[] { "connect", "127.0.0.1:80", "--insecure" })]
    [TestCase("--insecure needs --tls", new[] { "top", "127.0.0.1:80", "--insecure" })]
    [TestCase("--ca needs --tls", new[] { "top", "--ca", "x.pem" })]
    [TestCase("--insecure needs --tls", new[] { "replay", "x", "127.0.0.1:80", "--insecure" })]
    [TestCase("--via cannot be used with udp://localhost:80; it is for HOST:PORT or tls://.", new[] { "connect", "udp://localhost:80", "--via", "socks5://localhost:1" })]
    [TestCase("--via cannot be used with unix:/x", new[] { "connect", "unix:/x", "--via", "socks5://localhost:1" })]
    [TestCase("--via cannot be used with unix:/x", new[] { "check", "unix:/x", "--via", "socks5://localhost:1" })]
    [TestCase("--via cannot be used with unix:/x", new[] { "tls", "unix:/x", "--via", "socks5://localhost:1" })]
    [TestCase("--probe cannot be used with udp://localhost:80", new[] { "connect", "udp://localhost:80", "-z" })]
    [TestCase("--proxy-header cannot be used with exec:cat", new[] { "connect", "exec:cat", "--proxy-header", "v1:local" })]
    [TestCase("--tls cannot be used with udp://localhost:80", new[] { "connect", "udp://localhost:80", "--tls" })]
    [TestCase("--starttls cannot be used with exec:cat", new[] { "replay", "x", "exec:cat", "--starttls", "smtp" })]
    [TestCase("--tls cannot be used with udp://0.0.0.0:80", new[] { "listen", "udp://:80", "--tls" })]
    [TestCase("--tls cannot be used with udp://0.0.0.0:80", new[] { "echo", "udp://:80", "--tls" })]
    [TestCase("--max-line cannot be used with udp://0.0.0.0:80", new[] { "echo", "udp://:80", "--max-line", "80" })]
    [TestCase("--accept-proxy cannot be used with unix:/x", new[] { "listen", "unix:/x", "--accept-proxy", "127.0.0.0/8" })]
    [TestCase("--accept-proxy cannot be used with udp://0.0.0.0:80", new[] { "relay", "udp://:80", "a:1", "--accept-proxy", "127.0.0.0/8" })]
    [TestCase("--send-proxy cannot be used with udp://b:1", new[] { "relay", "80", "a:1", "udp://b:1", "--send-proxy", "v2" })]
    [TestCase("--hand-over cannot be used with udp://0.0.0.0:80", new[] { "relay", "udp://:80", "a:1", "--hand-over", "/x" })]
    [TestCase("--cert needs a LISTEN that begins with tls://.", new[] { "relay", "80", "tls://a:1", "--cert", "x.pem" })]
    [TestCase("--insecure needs --starttls, or a TARGET that begins with tls://.", new[] { "relay", "tls://:80", "a:1", "--insecure" })]
    [TestCase("--lf and --crlf exclude each other", new[] { "connect", "a:1", "--lf", "--crlf" })]
    [TestCase("--probe and --hex exclude each other", new[] { "connect", "a:1", "-z", "--hex" })]
    [TestCase("--probe and --crlf exclude each other", new[] { "connect", "a:1", "-z", "--crlf" })]
    [TestCase("--probe and --wait exclude each other", new[] { "connect", "a:1", "-z", "--wait", "1" })]
    [TestCase("--timeout cannot be used with exec:cat", new[] { "connect", "exec:cat", "--timeout", "1" })]
    [TestCase("-4 cannot be used with exec:cat; it is for HOST:PORT, tls:// or udp://.", new[] { "connect", "exec:cat", "-4" })]
    [TestCase("-6 cannot be used with unix:/x", new[] { "connect", "unix:/x", "-6" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "check", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "tls", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "echo", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "listen", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "bench", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "top", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "replay", "y", "unix:/x", "-4" })]
    [TestCase("-4 cannot be used with unix:/x", new[] { "relay", "unix:/x", "exec:cat", "-4" })]
    [TestCase("-6 is for the way to the proxy, and 127.0.0.1:1 is not an IPv6 address.", new[] { "connect", "a:1", "-6", "--via", "socks5://127.0.0.1:1" })]
    [TestCase("-4 is for the way to the proxy, and [::1]:1 is not an IPv4 address.", new[] { "check", "a:1", "-4", "--via", "http://[::1]:1", "--via", "socks5://127.0.0.1:1" })]
    [TestCase("--raw and --max-line exclude each other", new[] { "echo", "--raw", "--max-line", "5" })]
    [TestCase("--max-connections needs --exec, --chat, --file, --receive, --send, or --keep with udp://.", new[] { "listen", "80", "--max-connections", "5" })]
    [TestCase("--max-connections needs --exec", new[] { "listen", "80", "--keep", "--max-connections", "5" })]
    [TestCase("--max-connections cannot be used with exec:cat", new[] { "relay", "exec:cat", "a:1", "--max-connections", "5" })]
    [TestCase("'' is not an application protocol", new[] { "connect", "tls://a:1", "--alpn", "h2," })]
    [TestCase("--check has no effect with exec:cat; it is for HOST:PORT, tls://, udp:// or unix:.", new[] { "relay", "80", "exec:cat", "--check", "5" })]
    [TestCase("--check has no effect with fd:3", new[] { "relay", "80", "fd:3", "-", "--check", "5" })]
    [TestCase("--timeout has no effect with exec:cat", new[] { "relay", "80", "exec:cat", "--timeout", "5" })]
    [TestCase("'a..b' is no name of a server.", new[] { "connect", "tls://a:1", "--servername", "a..b" })]
    [TestCase("no protocol 'gopher'", new[] { "connect", "127.0.0.1:80", "--tls", "--starttls", "gopher" })]
    [TestCase("'--frob'", new[] { "cert", "--frob" })]
    [TestCase("no option '--frob'", new[] { "cert", "inspect", "--frob" })]
    [TestCase("no option '--fats'. Did you mean '--fast'?", new[] { "replay", "--fats", "80" })]
    [TestCase("no option '--frob'", new[] { "help", "relay", "--frob" })]
    [TestCase("'certs' cannot stand before 'renew'.", new[] { "cert", "certs", "renew", "certs" })]
    [TestCase("'--rsa' cannot stand before 'renew'.", new[] { "cert", "--rsa", "renew" })]
    [TestCase("'--rsa' cannot stand before 'inspect'.", new[] { "cert", "--rsa", "inspect", "ca.pem" })]
    [TestCase("'' is no name or IP address of a server.", new[] { "cert", "--name", "" })]
    [TestCase("' ' is no name or IP address of a server.", new[] { "cert", "--name", "localhost", " " })]
    [TestCase("'a b' is no name or IP address of a server.", new[] { "cert", "--name", "a b" })]
    [TestCase("'a..b' is no name or IP address of a server.", new[] { "cert", "--name", "a..b" })]
    [TestCase("--client is a name of 1 to 64 characters, not ''.", new[] { "cert", "--client", "" })]
    [TestCase("FOLDER is a path, not ''.", new[] { "cert", "" })]
    [TestCase("FOLDER is a path, not ''.", new[] { "cert", "renew", "" })]
    [TestCase("FILE is a path, not ''.", new[] { "cert", "inspect", "" })]
    [TestCase("FILE is a path, not ''.", new[] { "replay", "", "80" })]
    [TestCase("--ca is the path of a file, not ''.", new[] { "connect", "tls://a:1", "--ca", "" })]
    [TestCase("--cert is the path of a file, not ''.", new[] { "echo", "--tls", "--cert", "" })]
    [TestCase("--max-connections needs --fast.", new[] { "replay", "x.pcapng", "80", "--max-connections", "5" })]
    [TestCase("--days is a number", new[] { "cert", "--days", "4000" })]
    public void What_is_not_understood_is_one_line(string said, string[] arguments)
    {
        string? error = CommandLine.ErrorOf(CommandLine.Parse(arguments));
        Assert.That(error, Does.Contain(said).And.Match(@"^[^\r\n]+ Try 'sluice( [a-z]+)* --help'\.$"));
    }

    [Test]
    public void An_option_that_has_an_effect_with_one_of_the_targets_is_taken() =>
        Assert.That(CommandLine.ErrorOf(CommandLine.Parse(["relay", "80", "exec:cat", "a:1", "--check", "5", "--timeout", "5"])), Is.Null);

    [TestCase("udp", "--send", "x")]
    [TestCase("bench")]
    public async Task A_name_that_there_is_not_is_named(string command, params string[] options)
    {
        (int exitCode, _, string errors) = await Cli.RunAsync([command, "udp://nosuch.invalid:9", .. options]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("sluice: Resolving nosuch.invalid:9: "));
    }

    [Test]
    public async Task A_command_line_that_is_not_understood_ends_with_exit_code_2()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("conect", "localhost:80");
        Assert.That((exitCode, output), Is.EqualTo((2, "")));
        Assert.That(errors, Is.EqualTo($"sluice: There is no command 'conect'. Did you mean 'connect'? Try 'sluice --help'.{Environment.NewLine}"));
    }

    [TestCase("cert", "--", "--folder")]
    [TestCase("cert", "--rsa")]
    [TestCase("cert", "renew", "certs")]
    [TestCase("cert", "-h", "renew")]
    [TestCase("cert", "--name", "*.example.com", "bücher.example", "_x.internal", "::1", "192.0.2.1", "localhost")]
    [TestCase("connect", "--help")]
    [TestCase("connect", "-4", "localhost", "80")]
    [TestCase("connect", "-4", "udp://localhost:80", "--timeout", "1")]
    [TestCase("connect", "-6", "localhost:80", "--via", "socks5://localhost:1")]
    [TestCase("connect", "-zv", "localhost:80")]
    [TestCase("echo", "-6")]
    [TestCase("listen", "udp://:80", "--keep", "--max-connections", "5")]
    [TestCase("listen", "80", "--chat", "--max-connections", "5")]
    [TestCase("relay", "unix:/x", "localhost:80", "-4")]
    public void What_is_understood_is_no_error(params string[] arguments) => Assert.That(CommandLine.ErrorOf(CommandLine.Parse(arguments)), Is.Null);

    [Test]
    public void Every_time_is_in_seconds_or_has_a_unit()
    {
        int times = 0;
        foreach (Command command in CommandLine.AllOf(CommandLine.CreateRoot()))
        {
            foreach (Option option in OptionTable.OptionsOf(command))
            {
                Assert.That(option.HelpName, Is.Not.EqualTo("SECONDS"));
                if (option.HelpName == "TIME")
                {
                    times++;
                    Assert.That(ErrorsOf(option, "soon"), Has.Some.Contains($"{option.Name} is a time"));
                    foreach (string time in (string[])["5", "0.5", "200ms", "1.5s", "2min", "1h"])
                    {
                        Assert.That(ErrorsOf(option, time), Is.Empty, $"{option.Name} {time}");
                    }
                }
            }
        }

        Assert.That(times, Is.GreaterThan(20));

        static IEnumerable<string> ErrorsOf(Option option, string time) => new Command("any") { option }.Parse([option.Name, time]).Errors.Select(error => error.Message);
    }

    [Test]
    public async Task Lf_is_for_typed_lines()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("connect", "localhost:1", "--lf");
        Assert.That((exitCode, output, errors), Is.EqualTo((2, "", $"sluice: --lf is for typed lines; piped input is sent as it is. Try 'sluice connect --help'.{Environment.NewLine}")));
    }

    [TestCase("A", "", 1)]
    [TestCase("relay", "relay", 0)]
    [TestCase("realy", "relay", 1)]
    [TestCase("--timeuot", "--timeout", 1)]
    [TestCase("abc", "xyz", 3)]
    public void Similar_names_are_few_steps_apart(string a, string b, int steps) => Assert.That(Suggestion.Distance(a, b), Is.EqualTo(steps));

    [Test]
    public async Task Help_calls_the_command_by_its_name_and_lists_its_commands()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("--help");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("sluice COMMAND [OPTIONS]").And.Contains("echo").And.Contains("connect"));
    }

    [TestCase(
        "echo",
        new[] { "(default: 127.0.0.1:2323)", "--engine", "--loops", "--raw", "--quiet", "--max-line", "--max-connections", "--idle-timeout", "--grace" })]
    [TestCase("connect", new[] { "END_POINT", "--engine", "--lf", "--crlf" })]
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
    public void The_version_takes_no_command() => Assert.That(CommandLine.Parse(["--version"]).RootCommandResult.Command.Subcommands, Is.Empty);

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
}
