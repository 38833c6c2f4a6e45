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
}
