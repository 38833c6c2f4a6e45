using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Tests.Udp;

public sealed class UdpTests(string engine) : BothEngines(engine)
{
    [Test]
    public async Task Datagrams_are_shown_with_their_senders()
    {
        (Cli tool, int port) = await Cli.StartListeningAsync(@"^Receiving at 127\.0\.0\.1:(\d+)", "udp", "127.0.0.1:0", "--count", "3", "--engine", Engine);
        await using (tool)
        {
            using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            await client.SendAsync("one"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, port));
            Assert.That(await tool.ReadLineAsync(), Does.Match($"^[0-9:.]+  127\\.0\\.0\\.1:{((IPEndPoint)client.Client.LocalEndPoint!).Port}  3 bytes: one$"));
            await client.SendAsync("1"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, port));
            Assert.That(await tool.ReadLineAsync(), Does.EndWith("  1 byte: 1"));
            await client.SendAsync("two\u001b[2J"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, port));
            Assert.That(await tool.ReadLineAsync(), Does.EndWith("  7 bytes: two.[2J"));
            Assert.That((await tool.EndAsync()).ExitCode, Is.Zero);
        }
    }

    [Test]
    public async Task What_is_sent_is_answered_and_timed()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using Cli tool = Cli.Start("udp", $"{server.Client.LocalEndPoint}", "--send", @"ping\r\n\x00", "--json", "--wait", "30", "--engine", Engine);
        UdpReceiveResult request = await server.ReceiveAsync().Soon();
        Assert.That(Encoding.ASCII.GetString(request.Buffer), Is.EqualTo("ping\r\n\0"));
        await server.SendAsync("pong"u8.ToArray(), request.RemoteEndPoint);
        Assert.That(await tool.ReadLineAsync(), Does.Match(
            @"^\{""sender"":""127\.0\.0\.1:\d+"",""bytes"":4,""milliseconds"":[0-9.]+,""hex"":""706f6e67"",""text"":""pong""\}$"));
    }

    [Test]
    [Platform("Linux", Reason = "How raw sockets behave is known of Linux.")]
    public async Task A_datagram_that_cannot_be_answered_does_not_end_the_echo()
    {
        await using Cli server = Cli.Start("echo", "udp://127.0.0.1:0", "--engine", Engine);
        var at = IPEndPoint.Parse(await server.ReadMatchAsync("^Started echo server at udp://([^ ]+)$"));
        using var raw = OpenRaw();

        // From port 0, to which nothing can be sent.
        raw.SendTo(IpPacket.OfUdp(new IPEndPoint(IPAddress.Loopback, 0), at, "nowhere"u8), at);
        await server.ErrorMatchAsync("^(sluice: 127.0.0.1:0: .*)$");
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync("there"u8.ToArray(), at);
        Assert.That(Encoding.ASCII.GetString((await client.ReceiveAsync().Soon()).Buffer), Is.EqualTo("there"));
    }

    [Test]
    public async Task No_answer_is_exit_code_1()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        (int exitCode, string output, string errors) = await Cli.RunAsync("udp", $"{server.Client.LocalEndPoint}", "--send", "ping", "--wait", "0.1", "--engine", Engine);
        Assert.That((exitCode, output, errors), Is.EqualTo((1, "", $"sluice: No answer from {server.Client.LocalEndPoint}.{Environment.NewLine}")));
    }

    private static Socket OpenRaw()
    {
        try
        {
            return new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            Assert.Ignore("A raw socket needs root.");
            throw;
        }
    }
}
