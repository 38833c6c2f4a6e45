using System.Globalization;

namespace Sluice.Cli.Tests.Relay;

/// <summary>Programs of others beside the command. A test is skipped where its program is not installed.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "These are programs of Unix.")]
public sealed class RealPeerTests
{
    [Test]
    public async Task Openssl_talks_through_the_TLS_of_a_relay_to_a_command()
    {
        RealPeer.Find("openssl");
        (Cli relay, int port) = await Cli.StartListeningAsync(@":(\d+) to ", "relay", "tls://127.0.0.1:0", "exec:head -n 1");
        await using (relay)
        {
            // The command ends after a line, and so does the connection.
            await using RealPeer openssl = RealPeer.Start("openssl", "s_client", "-quiet", "-connect", $"127.0.0.1:{port}");
            await openssl.Input.WriteAsync("echo\n");
            await openssl.Input.FlushAsync();
            Assert.That(await openssl.WaitForSuccessAsync(), Is.EqualTo("echo\n"));
        }
    }

    [Test]
    public async Task Socat_is_answered_by_a_command_of_listen()
    {
        RealPeer.Find("socat");
        (Cli server, int port) = await Cli.StartListeningAsync(@"Listening at 127\.0\.0\.1:(\d+)", "listen", "127.0.0.1:0", "--exec", "tr a-z A-Z");
        await using (server)
        {
            await using RealPeer socat = RealPeer.Start("socat", "-t30", "-", $"TCP:127.0.0.1:{port}");
            await socat.Input.WriteAsync("shout");
            socat.Input.Close();
            Assert.That(await socat.WaitForSuccessAsync(), Is.EqualTo("SHOUT"));
        }
    }

    [Test]
    public async Task Nc_and_listen_talk()
    {
        RealPeer.Find("nc");
        (Cli server, int port) = await Cli.StartListeningAsync(@"Listening at 127\.0\.0\.1:(\d+)", "listen", "127.0.0.1:0");
        await using (server)
        {
            await using RealPeer nc = RealPeer.Start("nc", "-N", "127.0.0.1", port.ToString(CultureInfo.InvariantCulture));
            await server.TypeAsync("from the server");
            server.CloseInput();
            await nc.Input.WriteAsync("from nc");
            nc.Input.Close();
            Assert.That(await nc.WaitForSuccessAsync(), Is.EqualTo("from the server"));
            (int exitCode, string output, _) = await server.EndAsync();
            Assert.That((exitCode, output), Is.EqualTo((0, "from nc")));
        }
    }

    [Test]
    public async Task Tshark_reads_a_recording_without_a_complaint()
    {
        RealPeer.Find("tshark");
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("r.pcapng");
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await Cli.StartListeningAsync(@":(\d+) to ", "relay", "127.0.0.1:0", target.Name, "--record", file);
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("ping");
            await client.ExpectAsync("ping");
            client.HalfClose();
            await client.ExpectEndAsync();
            await relay.ErrorMatchAsync("(disconnected after)");
        }

        string complaints = await RealPeer.RunAsync(
            "tshark", "-r", file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp.checksum.status==0 || ip.checksum.status==0 || _ws.malformed || tcp.analysis.flags");
        Assert.That(complaints, Is.Empty);
        Assert.That(await RealPeer.RunAsync("tshark", "-r", file, "-q", "-z", "follow,tcp,ascii,0"), Does.Contain("ping"));
    }
}
