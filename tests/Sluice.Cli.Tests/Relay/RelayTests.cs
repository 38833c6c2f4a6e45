using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Tests.Relay;

public sealed class RelayTests(string engine) : BothEngines(engine)
{
    private const string Listening = @"^Relaying (?:[a-z]+://)?127\.0\.0\.1:(\d+) to ";

    [Test]
    public async Task Bytes_go_both_ways_and_a_half_close_is_passed_on()
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name);
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("there");
            await client.ExpectAsync("there");
            client.HalfClose();
            await client.ExpectEndAsync();
            Assert.That(await relay.ErrorMatchAsync("disconnected after [0-9.]+ s, (.+)$"), Is.EqualTo("5 bytes there, 5 back"));
        }
    }

    [Test]
    public async Task The_next_target_stands_in_for_one_that_is_down()
    {
        using Socket dead = BindDead();
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", $"{dead.LocalEndPoint}", target.Name);
        await using (relay)
        {
            for (int i = 0; i < 3; i++)
            {
                using Client client = await Client.ConnectAsync(port);
                await client.SendAsync("there");
                await client.ExpectAsync("there");
            }

            Assert.That(await relay.ErrorMatchAsync("^(.+) is down: "), Is.EqualTo($"{dead.LocalEndPoint}"));
        }
    }

    [Test]
    public async Task A_client_is_reset_when_no_target_answers()
    {
        using Socket dead = BindDead();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", $"{dead.LocalEndPoint}");
        await using (relay)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port).Soon();
            Assert.ThrowsAsync<IOException>(() => client.GetStream().ReadAsync(new byte[1]).Soon());
        }
    }

    [Test]
    public async Task A_target_goes_down_once_for_all_clients()
    {
        using Socket dead = BindDead();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", $"{dead.LocalEndPoint}");
        await using (relay)
        {
            for (int i = 0; i < 3; i++)
            {
                // The reset may come before the client has connected.
                Assert.That(() => ConnectAndReadAsync(port), Throws.InstanceOf<IOException>().Or.InstanceOf<SocketException>());
            }

            await relay.SignalAsync("TERM");
            string errors = (await relay.EndAsync()).Errors;
            Assert.That(errors.Split(" is down: "), Has.Length.EqualTo(2));
            Assert.That(errors.Split("no target answers"), Has.Length.EqualTo(4));
        }
    }

    [Test]
    public async Task Connections_are_shared_by_the_targets_in_turn()
    {
        await using LocalServer one = LocalServer.Echo();
        await using LocalServer other = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", one.Name, other.Name, "--quiet");
        await using (relay)
        {
            for (int i = 0; i < 4; i++)
            {
                using Client client = await Client.ConnectAsync(port);
                await client.SendAsync("x");
                await client.ExpectAsync("x");
            }

            Assert.That((one.Connections, other.Connections), Is.EqualTo((2, 2)));
        }
    }

    [Test]
    public async Task The_latency_counts_in_both_directions()
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name, "--latency", "150ms");
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            long began = Stopwatch.GetTimestamp();
            await client.SendAsync("slow");
            await client.ExpectAsync("slow");
            Assert.That(Stopwatch.GetElapsedTime(began), Is.GreaterThan(TimeSpan.FromMilliseconds(290)));
            client.HalfClose();
            await client.ExpectEndAsync();
        }
    }

    [Test]
    public async Task A_connection_is_cut_after_so_many_bytes()
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name, "--cut-after", "12");
        await using (relay)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port).Soon();
            await client.GetStream().WriteAsync("0123456789"u8.ToArray());
            Assert.ThrowsAsync<IOException>(() => ReadToEndAsync(client.GetStream()).Soon());
            Assert.That(await relay.ErrorMatchAsync("disconnected after [0-9.]+ s, (.+)$"), Is.EqualTo("10 bytes there, 2 back: cut after 12 bytes"));
        }
    }

    // The rate is low: the target has filled what the latency holds back when the connection is cut.
    [Test]
    public async Task A_connection_with_all_faults_at_once_is_cut()
    {
        await using var target = new LocalServer(FloodAsync);
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name, "--rate", "50k", "--latency", "10ms", "--cut-after", "100k");
        await using (relay)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port).Soon();
            Assert.ThrowsAsync<IOException>(() => ReadToEndAsync(client.GetStream()).Soon());
            Assert.That(await relay.ErrorMatchAsync("disconnected after [0-9.]+ s, (.+)$"), Is.EqualTo("0 bytes there, 100000 back: cut after 100000 bytes"));
        }
    }

    [Test]
    public async Task A_client_that_leaves_while_bytes_are_held_back_ends_its_connection()
    {
        await using var target = new LocalServer(FloodAsync);
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name, "--rate", "100k", "--latency", "10ms");
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.ReceiveAsync(200_000);
            client.Reset();
            await relay.ErrorMatchAsync("(disconnected after)");
        }
    }

    [Test]
    public async Task A_rate_limits_what_passes()
    {
        await using var target = new LocalServer(stream => stream.CopyToAsync(Stream.Null));
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name, "--rate", "100k");
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            long began = Stopwatch.GetTimestamp();
            await client.SendAsync(new byte[50_000]);
            client.HalfClose();
            await client.ExpectEndAsync();
            Assert.That(Stopwatch.GetElapsedTime(began), Is.GreaterThan(TimeSpan.FromMilliseconds(440)));
        }
    }

    [Test]
    public async Task TLS_ends_at_the_relay_and_the_target_hears_who_the_client_is()
    {
        string? header = null;
        await using var target = new LocalServer(async stream =>
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            header = await reader.ReadLineAsync();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{await reader.ReadLineAsync()}!"));
        });
        (Cli relay, int port) = await StartAsync("tls://127.0.0.1:0", target.Name, "--send-proxy", "v1");
        await using (relay)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port).Soon();
            int own = ((IPEndPoint)client.Client.LocalEndPoint!).Port;
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate()).Soon();
            await tls.WriteAsync("hello\n"u8.ToArray());
            Assert.That(await ReadToEndAsync(tls).Soon(), Is.EqualTo("hello!"));
            Assert.That(header, Is.EqualTo($"PROXY TCP4 127.0.0.1 127.0.0.1 {own} {port}"));
        }
    }

    [TestCase("v1")]
    [TestCase("v2")]
    public async Task A_connection_that_a_proxy_calls_its_own_is_served_with_its_real_addresses(string version)
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync("127.0.0.1:0", target.Name, "--accept-proxy", "127.0.0.0/8");
        await using (relay)
        {
            await using Cli client = Cli.Start("connect", $"127.0.0.1:{port}", "--proxy-header", $"{version}:local");
            await client.TypeAsync("there");
            client.CloseInput();
            (int exitCode, string output, string errors) = await client.EndAsync();
            Assert.That((exitCode, output, errors), Is.EqualTo((0, "there", "")));
            Assert.That(await relay.ErrorMatchAsync(@"^127\.0\.0\.1:\d+ disconnected after [0-9.]+ s, (.+)$"), Is.EqualTo("5 bytes there, 5 back"));
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("0.0.0.0")]
    public async Task A_recording_has_the_ports_of_datagrams(string host)
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("record.pcapng");
        using var target = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        (Cli relay, int port) = await Cli.StartListeningAsync(
            @"^Relaying udp://[0-9.]+:(\d+) to ", "relay", $"udp://{host}:0", $"udp://{target.Client.LocalEndPoint}", "--record", file, "--engine", Engine);
        await using (relay)
        {
            using var client = new UdpClient("127.0.0.1", port);
            await client.SendAsync("one"u8.ToArray());
            await target.ReceiveAsync().Soon();
            await relay.SignalAsync("TERM");
            await relay.EndAsync();
            await using FileStream recorded = File.OpenRead(file);
            Conversation conversation = Conversation.ReadAll(recorded).Single();
            Assert.That((conversation.Client, conversation.Server), Is.EqualTo((client.Client.LocalEndPoint, new IPEndPoint(IPAddress.Loopback, port))));
        }
    }

    [Test]
    public async Task Datagrams_are_relayed_for_each_peer()
    {
        using var target = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        (Cli relay, int port) = await StartAsync("udp://127.0.0.1:0", $"udp://{target.Client.LocalEndPoint}");
        await using (relay)
        {
            using var one = new UdpClient("127.0.0.1", port);
            using var other = new UdpClient("127.0.0.1", port);
            await one.SendAsync("one"u8.ToArray());
            UdpReceiveResult first = await target.ReceiveAsync().Soon();
            await other.SendAsync("other"u8.ToArray());
            UdpReceiveResult second = await target.ReceiveAsync().Soon();
            await target.SendAsync("to other"u8.ToArray(), second.RemoteEndPoint);
            await target.SendAsync("to one"u8.ToArray(), first.RemoteEndPoint);
            Assert.That(Encoding.ASCII.GetString((await one.ReceiveAsync().Soon()).Buffer), Is.EqualTo("to one"));
            Assert.That(Encoding.ASCII.GetString((await other.ReceiveAsync().Soon()).Buffer), Is.EqualTo("to other"));
        }
    }

    [Test]
    public async Task A_datagram_of_a_peer_that_was_idle_for_too_long_begins_anew_while_its_last_answers_are_awaited()
    {
        using var target = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        (Cli relay, int port) = await StartAsync("udp://127.0.0.1:0", $"udp://{target.Client.LocalEndPoint}", "--idle-timeout", "0.4");
        await using (relay)
        {
            using var client = new UdpClient("127.0.0.1", port);
            for (int i = 0; i < 4; i++)
            {
                await client.SendAsync(new[] { (byte)i });
                UdpReceiveResult received = await target.ReceiveAsync().Soon($"datagram {i}");
                Assert.That(received.Buffer, Is.EqualTo(new[] { (byte)i }));
                await target.SendAsync(received.Buffer, received.RemoteEndPoint);
                Assert.That((await client.ReceiveAsync().Soon($"answer {i}")).Buffer, Is.EqualTo(received.Buffer));

                // Waits out the idle time-out, and a quarter of it.
                await Task.Delay(TimeSpan.FromSeconds(0.6));
            }
        }
    }

    [Test]
    [Platform("Linux", Reason = "A hand-over needs Linux.")]
    public async Task A_successor_takes_the_listener_over()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        (Cli first, int port) = await StartAsync("127.0.0.1:0", target.Name, "--hand-over", folder["next"], "--grace", "60");
        await using (first)
        {
            using Client old = await Client.ConnectAsync(port);
            await old.SendAsync("old");
            await old.ExpectAsync("old");
            (Cli second, int same) = await StartAsync("127.0.0.1:0", target.Name, "--hand-over", folder["next"]);
            await using (second)
            {
                Assert.That(same, Is.EqualTo(port));
                await first.ErrorMatchAsync("^(Handed the listener over)");
                using Client fresh = await Client.ConnectAsync(port);
                await fresh.SendAsync("new");
                await fresh.ExpectAsync("new");
                await second.ErrorMatchAsync("(connected to)");
                await old.SendAsync("still");
                await old.ExpectAsync("still");
                old.HalfClose();
                await old.ExpectEndAsync();
                first.CloseInput();
                Assert.That((await first.EndAsync()).ExitCode, Is.Zero);
            }
        }
    }

    [Test]
    [Platform("Linux", Reason = "A hand-over needs Linux.")]
    public async Task No_connection_is_refused_or_cut_while_successors_take_the_listener_over()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        string[] arguments = ["127.0.0.1:0", target.Name, "--hand-over", folder["next"], "--quiet"];
        (Cli relay, int port) = await StartAsync(arguments);
        var before = new List<Cli>();
        using var ending = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 4).Select(_ => ConnectAndEchoAsync(port, ending.Token))];
        using Client old = await Client.ConnectAsync(port);
        try
        {
            for (int i = 0; i < 2; i++)
            {
                await old.SendAsync("still");
                await old.ExpectAsync("still");
                before.Add(relay);
                (relay, int same) = await StartAsync(arguments);
                Assert.That(same, Is.EqualTo(port));
                await before[^1].ErrorMatchAsync("^(Handed the listener over)");
            }

            await old.SendAsync("still");
            await old.ExpectAsync("still");
            await ending.CancelAsync();
            Assert.That(await Task.WhenAll(clients).Soon(), Is.All.Positive);
            old.HalfClose();
            await old.ExpectEndAsync();
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
    [Platform("Linux", Reason = "A hand-over needs Linux.")]
    public async Task A_signal_after_a_hand_over_ends_the_connections_after_the_grace()
    {
        using var folder = new UnixFolder();
        await using LocalServer target = LocalServer.Echo();
        string[] arguments = ["127.0.0.1:0", target.Name, "--hand-over", folder["next"], "--grace", "1"];
        (Cli first, int port) = await StartAsync(arguments);
        await using (first)
        {
            using Client old = await Client.ConnectAsync(port);
            await old.SendAsync("old");
            await old.ExpectAsync("old");
            (Cli second, _) = await StartAsync(arguments);
            await using (second)
            {
                await first.ErrorMatchAsync("^(Handed the listener over)");
                await first.SignalAsync("TERM");
                Assert.That((await first.EndAsync()).ExitCode, Is.Zero);
            }
        }
    }

    private static async Task<int> ConnectAndEchoAsync(int port, CancellationToken ending)
    {
        int count = 0;
        while (!ending.IsCancellationRequested || count == 0)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("now");
            await client.ExpectAsync("now");

            // An orderly end would leave the port in TIME_WAIT, and there are only so many.
            client.Reset();
            count++;
        }

        return count;
    }

    private static async Task ConnectAndReadAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port).Soon();
        _ = await client.GetStream().ReadAsync(new byte[1]).Soon();
    }

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private static async Task FloodAsync(Stream stream)
    {
        byte[] bytes = new byte[64 * 1024];
        while (true)
        {
            await stream.WriteAsync(bytes);
        }
    }

    private Task<(Cli Server, int Port)> StartAsync(params string[] arguments) => Cli.StartListeningAsync(Listening, ["relay", .. arguments, "--engine", Engine]);

    // Does not listen.
    private static Socket BindDead()
    {
        var dead = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dead.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return dead;
    }
}
