using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Tests.Relay;

/// <summary>What a relay says.</summary>
[TestFixture]
public sealed class RelayMessagesTests
{
    [Test]
    public async Task A_relay_of_its_own_input_fails_if_no_target_answers()
    {
        // Bound, and not listening.
        using var dead = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dead.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (int exitCode, string output, string errors) = await Cli.RunAsync("relay", "-", $"{dead.LocalEndPoint}", "--json");
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.Contain("""{"event":"disconnected","client":"-","error":"no target answers"}"""));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no SIGPIPE.")]
    public async Task A_relay_to_the_standard_output_ends_when_nothing_reads_that()
    {
        (Cli relay, int port) = await Cli.StartListeningAsync(@"^Relaying 127\.0\.0\.1:(\d+) to -", "relay", "127.0.0.1:0", "-");
        await using (relay)
        {
            relay.CloseOutput();
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("one");
            (int exitCode, string errors) = await relay.EndWithoutOutputAsync();
            Assert.That(exitCode, Is.EqualTo(141));
            Assert.That(errors, Does.Contain("Writing to the standard output: Broken pipe"));
        }
    }
}
