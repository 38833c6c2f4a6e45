using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Recording;
using Sluice.Cli.Relay;

namespace Sluice.Cli.Tests.Relay;

/// <summary>Hand-overs of relays whose listener has TLS and reads PROXY headers.</summary>
[Platform("Linux", Reason = "A hand-over needs Linux.")]
public sealed class HandOverTests(string engine) : BothEngines(engine)
{
    private const string Plain = @"^Relaying 127\.0\.0\.1:(\d+) to ";
    private const string Listening = @"^Relaying tls://127\.0\.0\.1:(\d+) to ";

    [Test]
    public async Task A_successor_puts_tls_and_the_headers_on_again_and_the_old_one_serves_on()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        (Cli first, int port) = await StartAsync(target, folder["next"]);
        await using (first)
        {
            using TcpClient old = await ConnectAsync(port, "PROXY TCP4 192.0.2.1 198.51.100.1 11 12\r\n");
            await using SslStream oldSecured = await SecureAsync(old);
            await EchoAsync(oldSecured);
            (Cli second, int same) = await StartAsync(target, folder["next"]);
            await using (second)
            {
                Assert.That(same, Is.EqualTo(port));
                await first.ErrorMatchAsync("^(Handed the listener over)");
                using (TcpClient late = await ConnectAsync(port, "PROXY TCP4 192.0.2.2 198.51.100.1 11 12\r\n"))
                {
                    await using SslStream secured = await SecureAsync(late);
                    await EchoAsync(secured);
                    await secured.ShutdownAsync().Soon("an orderly end");
                }

                await second.ErrorMatchAsync("(192.0.2.2:11) disconnected");
                await EchoAsync(oldSecured);
                await oldSecured.ShutdownAsync().Soon("an orderly end");
                Assert.That((await first.EndAsync()).ExitCode, Is.Zero);
            }
        }
    }

    [Test]
    public async Task No_handshake_fails_while_successors_take_the_listener_over()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync(target, folder["next"]);
        var before = new List<Cli>();
        using var ending = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 4).Select(_ => ConnectAndEchoAsync(port, ending.Token))];
        try
        {
            for (int i = 0; i < 2; i++)
            {
                before.Add(relay);
                (relay, _) = await StartAsync(target, folder["next"]);
                await before[^1].ErrorMatchAsync("^(Handed the listener over)");
            }

            await ending.CancelAsync();
            Assert.That(await Task.WhenAll(clients).Soon("all clients end"), Is.All.Positive);
            foreach (Cli one in before)
            {
                Assert.That((await one.EndAsync()).ExitCode, Is.Zero);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(clients)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (Cli one in before.Append(relay))
            {
                await one.DisposeAsync();
            }
        }
    }

    [Test]
    public async Task A_successor_that_cannot_read_its_certificate_leaves_the_listener_where_it_is()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        (Cli first, int port) = await StartAsync(target, folder["next"]);
        await using (first)
        {
            (int exitCode, _, string errors) = await Cli.RunAsync(
                "relay", "tls://127.0.0.1:0", target.Name, "--hand-over", folder["next"], "--cert", folder["none.pem"], "--engine", Engine);
            Assert.That(exitCode, Is.EqualTo(1));
            Assert.That(errors, Does.Contain("none.pem"));
            using TcpClient client = await ConnectAsync(port, "PROXY TCP4 192.0.2.2 198.51.100.1 11 12\r\n");
            await using SslStream secured = await SecureAsync(client);
            await EchoAsync(secured);
        }
    }

    [TestCase("there is no such folder/next")]
    [TestCase("file/next")]
    public async Task A_path_that_cannot_be_bound_ends_the_relay_at_its_start(string path)
    {
        using var folder = new UnixFolder();
        await File.WriteAllTextAsync(folder["file"], "");
        (int exitCode, _, string errors) = await Cli.RunAsync("relay", "127.0.0.1:0", "127.0.0.1:1", "--hand-over", folder[path], "--engine", Engine);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("sluice: ").And.Contain(folder[path]).And.Not.Contain("Relaying"));
    }

    [Test]
    public async Task A_successor_that_is_to_listen_elsewhere_says_that_it_does_not()
    {
        using var folder = new UnixFolder();
        (Cli first, int port) = await Cli.StartListeningAsync(Plain, "relay", "127.0.0.1:0", "127.0.0.1:1", "--hand-over", folder["next"], "--engine", Engine);
        await using (first)
        {
            await using Cli second = Cli.Start("relay", $"127.0.0.1:{port}", "127.0.0.1:1", "--hand-over", folder["next"], "--engine", Engine);
            Assert.That(await second.ErrorMatchAsync($"^(Relaying 127.0.0.1:{port} to .+)$"), Does.EndWith(" to 127.0.0.1:1"));
            await using Cli third = Cli.Start("relay", $"127.0.0.2:{port}", "127.0.0.1:1", "--hand-over", folder["next"], "--engine", Engine);
            Assert.That(await third.ErrorMatchAsync($"^(Relaying 127.0.0.1:{port} to .+)$"), Does.EndWith(" to 127.0.0.1:1; changed only by a restart: LISTEN"));
            await using Cli fourth = Cli.Start("relay", $"unix:{folder["socket"]}", "127.0.0.1:1", "--hand-over", folder["next"], "--json", "--engine", Engine);
            Assert.That(await fourth.ErrorMatchAsync("""("listen":.+)$"""), Does.StartWith($"\"listen\":\"127.0.0.1:{port}\"").And.EndsWith("\"unchanged\":[\"LISTEN\"]}"));
        }
    }

    [Test]
    public async Task Both_relays_record_to_the_same_file()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        string file = folder["record"];
        string[] arguments = ["relay", "127.0.0.1:0", target.Name, "--hand-over", folder["next"], "--record", file, "--engine", Engine];
        (Cli first, int port) = await Cli.StartListeningAsync(Plain, arguments);
        await using (first)
        {
            using (Client old = await Client.ConnectAsync(port))
            {
                await old.SendAsync("one");
                await old.ExpectAsync("one");
                (Cli second, _) = await Cli.StartListeningAsync(Plain, arguments);
                await using (second)
                {
                    await first.ErrorMatchAsync("^(Handed the listener over)");
                    using (Client late = await Client.ConnectAsync(port))
                    {
                        await late.SendAsync("two");
                        await late.ExpectAsync("two");
                    }

                    await second.ErrorMatchAsync("(disconnected)");
                    await old.SendAsync("three");
                    await old.ExpectAsync("three");
                }
            }

            await first.EndAsync();
        }

        await using FileStream recorded = File.OpenRead(file);
        Assert.That(
            Conversation.ReadAll(recorded).Select(one => string.Join(' ', one.Messages.Where(message => message.FromClient).Select(message => Encoding.ASCII.GetString(message.Bytes)))),
            Is.EqualTo(new[] { "one three", "two" }));
    }

    [Test]
    public async Task A_listener_that_is_closed_before_the_signal_arrives_is_no_error()
    {
        using var folder = new UnixFolder();
        var network = new Network(Enum.Parse<SelectorEngine>(Engine, ignoreCase: true));
        var address = new Address(AddressKind.Tcp, "127.0.0.1");
        await using SelectorManager selector = network.CreateSelector();
        var arguments = new RelayArguments(address, [address], new ListenSettings(network), new DialSettings(network)) { HandOver = folder["next"] };
        var handOver = new HandOver(arguments, selector);
        var log = new RelayLog(quiet: true, json: false);
        Listener listener = await handOver.OpenAsync(log, CancellationToken.None).Soon();
        Task handing = handOver.RunAsync(log, CancellationToken.None);
        await listener.DisposeAsync();
        await handing.Soon();
    }

    [Test]
    public async Task A_successor_says_that_it_waits_for_a_relay_that_is_stopped()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        (Cli first, int port) = await StartAsync(target, folder["next"]);
        await using (first)
        {
            await first.SignalAsync("STOP");
            await using Cli second = Cli.Start(
                "relay", "tls://127.0.0.1:0", target.Name, "--hand-over", folder["next"], "--accept-proxy", "127.0.0.0/8", "--engine", Engine);
            try
            {
                Assert.That(await second.ErrorMatchAsync("^Waiting for the relay at (.+) to hand its listener over"), Is.EqualTo(folder["next"]));
            }
            finally
            {
                await first.SignalAsync("CONT");
            }

            Assert.That(await second.ErrorMatchAsync(Listening), Is.EqualTo($"{port}"));
            Assert.That((await first.EndAsync()).ExitCode, Is.Zero);
        }
    }

    private static async Task<int> ConnectAndEchoAsync(int port, CancellationToken ending)
    {
        int count = 0;
        while (!ending.IsCancellationRequested || count == 0)
        {
            using TcpClient client = await ConnectAsync(port, "PROXY TCP4 192.0.2.2 198.51.100.1 11 12\r\n");
            await using SslStream secured = await SecureAsync(client);
            await EchoAsync(secured);
            await secured.ShutdownAsync().Soon("an orderly end");
            count++;
        }

        return count;
    }

    private static async Task<TcpClient> ConnectAsync(int port, string header)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port).Soon("a connection to the relay");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(header)).AsTask().Soon("the relay takes the header");
        return client;
    }

    private static async Task<SslStream> SecureAsync(TcpClient client)
    {
        var secured = new SslStream(client.GetStream());
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null })
            .Soon("the handshake");
        return secured;
    }

    private static async Task EchoAsync(SslStream secured)
    {
        await secured.WriteAsync("now"u8.ToArray());
        byte[] back = new byte[3];
        await secured.ReadExactlyAsync(back).AsTask().Soon("the echo");
        Assert.That(back, Is.EqualTo("now"u8.ToArray()));
    }

    private Task<(Cli Server, int Port)> StartAsync(LocalServer target, string path) => Cli.StartListeningAsync(
        Listening, "relay", "tls://127.0.0.1:0", target.Name, "--hand-over", path, "--accept-proxy", "127.0.0.0/8", "--engine", Engine);
}
