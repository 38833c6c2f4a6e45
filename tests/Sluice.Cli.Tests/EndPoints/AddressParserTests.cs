using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tests.EndPoints;

[TestFixture]
public sealed class AddressParserTests
{
    [TestCase("127.0.0.1:2323", "Tcp", "127.0.0.1", 2323)]
    [TestCase("localhost:0", "Tcp", "localhost", 0)]
    [TestCase("[::1]:65535", "Tcp", "::1", 65535)]
    [TestCase(":80", "Tcp", "0.0.0.0", 80)]
    [TestCase("80", "Tcp", "0.0.0.0", 80)]
    [TestCase("tcp://host:80", "Tcp", "host", 80)]
    [TestCase("TLS://host:443", "Tls", "host", 443)]
    [TestCase("tls://:443", "Tls", "0.0.0.0", 443)]
    [TestCase("udp://[::1]:53", "Udp", "::1", 53)]
    [TestCase("unix:/run/x.sock", "Unix", "/run/x.sock", 0)]
    [TestCase("unix:///run/x.sock", "Unix", "/run/x.sock", 0)]
    [TestCase("unix:x.sock", "Unix", "x.sock", 0)]
    [TestCase("unix:@name", "Unix", "\0name", 0)]
    [TestCase("fd:3", "Descriptor", "", 3)]
    [TestCase("exec:cat -n", "Command", "cat -n", 0)]
    [TestCase("-", "Standard", "", 0)]
    public void An_end_point_is_parsed(string text, string kind, string host, int number)
    {
        Assert.That(AddressParser.TryParse(text, AddressRole.Listen, out Address? address, out string? error), Is.True, error);
        Assert.That(address, Is.EqualTo(new Address(Enum.Parse<AddressKind>(kind), host, number)));
    }

    [TestCase(":80")]
    [TestCase("80")]
    [TestCase("tcp://:80")]
    public void To_connect_without_a_host_means_this_machine(string text)
    {
        Assert.That(AddressParser.TryParse(text, AddressRole.Connect, out Address? address, out _), Is.True);
        Assert.That(address, Is.EqualTo(new Address(AddressKind.Tcp, "localhost", 80)));
    }

    [TestCase("", "The end point is empty; write HOST:PORT.")]
    [TestCase(":", "':' has no port; write HOST:PORT.")]
    [TestCase("host:", "'host:' has no port; write HOST:PORT.")]
    [TestCase("host", "'host' has no port; write host:PORT.")]
    [TestCase("70000", "'70000' has no valid port: '70000' is not a number from 0 to 65535.")]
    [TestCase("host:65536", "'host:65536' has no valid port: '65536' is not a number from 0 to 65535.")]
    [TestCase("host:-1", "'host:-1' has no valid port: '-1' is not a number from 0 to 65535.")]
    [TestCase("host:+1", "'host:+1' has no valid port: '+1' is not a number from 0 to 65535.")]
    [TestCase("host: 1", "'host: 1' has no valid port: ' 1' is not a number from 0 to 65535.")]
    [TestCase("host:http", "'host:http' has no valid port: 'http' is not a number from 0 to 65535.")]
    [TestCase("host:80/x", "'host:80/x' has no valid port: '80/x' is not a number from 0 to 65535.")]
    [TestCase("a/b:80", "'a/b:80' has no valid host.")]
    [TestCase("::1", "'::1' has no port, or no brackets around the IPv6 address; write [ADDRESS]:PORT.")]
    [TestCase("a:b:80", "'a:b:80' has more than one colon; write an IPv6 address in brackets: [ADDRESS]:PORT.")]
    [TestCase("[::1]", "'[::1]' has no port; write [::1]:PORT.")]
    [TestCase("[]:1", "'[]:1' has no IPv6 address in the brackets.")]
    [TestCase("[host]:1", "'[host]:1' has no IPv6 address in the brackets.")]
    [TestCase("[::1:1", "'[::1:1' has no IPv6 address in the brackets.")]
    [TestCase("http://host:80", "'http://host:80' begins with 'http://', which is not a kind of end point; use tcp://, tls://, udp://, unix:, fd: or exec:.")]
    [TestCase("unix:", "'unix:' has no path; write unix:/path or unix:@name.")]
    [TestCase("unix:@", "'unix:@' has no path; write unix:/path or unix:@name.")]
    [TestCase("fd:x", "'fd:x' does not name a descriptor by its number; write fd:3.")]
    [TestCase("exec: ", "'exec: ' has no command; write 'exec:COMMAND'.")]
    [TestCase("--frob", "There is no option '--frob'.")]
    public void An_error_says_what_is_wrong(string text, string expected)
    {
        Assert.That(AddressParser.TryParse(text, AddressRole.Listen, out _, out string? error), Is.False);
        Assert.That(error, Is.EqualTo(expected));
    }

    [Test]
    public void Port_0_is_for_listeners()
    {
        Assert.That(AddressParser.TryParse("host:0", AddressRole.Connect, out _, out string? error), Is.False);
        Assert.That(error, Is.EqualTo("'host:0' has port 0, which means any free port; only a listener can have it."));
    }

    [TestCase("host:80")]
    [TestCase("[::1]:80")]
    [TestCase("tls://host:443")]
    [TestCase("udp://[::1]:53")]
    [TestCase("unix:/run/x.sock")]
    [TestCase("unix:@name")]
    [TestCase("fd:3")]
    [TestCase("exec:cat -n")]
    [TestCase("-")]
    public void An_end_point_is_formatted_as_it_is_written(string text)
    {
        Assert.That(AddressParser.TryParse(text, AddressRole.Connect, out Address? address, out _), Is.True);
        Assert.That($"{address}", Is.EqualTo(text));
    }

    [TestCase(new[] { "host", "80" }, new[] { "host:80" })]
    [TestCase(new[] { "::1", "80" }, new[] { "[::1]:80" })]
    [TestCase(new[] { "tls://host", "443" }, new[] { "tls://host:443" })]
    [TestCase(new[] { "2323", "host", "80", "b:1" }, new[] { "2323", "host:80", "b:1" })]
    [TestCase(new[] { "2323", "80" }, new[] { "2323", "80" })]
    [TestCase(new[] { "a:1", "80" }, new[] { "a:1", "80" })]
    [TestCase(new[] { "-", "80" }, new[] { "-", "80" })]
    [TestCase(new[] { "unix:/a", "80" }, new[] { "unix:/a", "80" })]
    public void A_host_and_a_port_can_stand_apart(string[] tokens, string[] joined) => Assert.That(AddressTokens.Join(tokens), Is.EqualTo(joined));
}
