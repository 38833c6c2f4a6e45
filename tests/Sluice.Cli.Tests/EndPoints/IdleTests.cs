using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Sluice.Cli.Tests.EndPoints;

/// <summary>Idle time-outs of connections whose client only receives.</summary>
public sealed class IdleTests(string engine) : BothEngines(engine)
{
    private const string Listening = @"^(?:Relaying|Listening at) (?:tls://)?127\.0\.0\.1:(\d+)";

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    // The longest pause of what sends: on a busy machine it may be idle itself.
    private TimeSpan _longest;

    [TestCase("127.0.0.1:0")]
    [TestCase("tls://127.0.0.1:0")]
    [TestCase("127.0.0.1:0", "--rate", "1M")]
    [TestCase("127.0.0.1:0", "--latency", "10ms")]
    public async Task A_download_through_a_relay_is_no_idle_time(string listen, params string[] options)
    {
        await using var target = new LocalServer(TrickleAsync);
        (Cli relay, int port) = await StartAsync(["relay", listen, target.Name, .. options]);
        await using (relay)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port).Soon();
            await using Stream stream = listen.StartsWith("tls:", StringComparison.Ordinal) ? await SecureAsync(client) : client.GetStream();
            await ExpectTrickleAsync(stream);
        }
    }

    [Test]
    public async Task A_client_of_a_chat_that_only_reads_is_not_idle()
    {
        (Cli server, int port) = await StartAsync("listen", "127.0.0.1:0", "--chat", "-v");
        await using (server)
        {
            using var reader = new TcpClient();
            await reader.ConnectAsync(IPAddress.Loopback, port).Soon();
            await server.ErrorMatchAsync("(connected)$");
            using var writer = new TcpClient();
            await writer.ConnectAsync(IPAddress.Loopback, port).Soon();
            Task writing = TrickleAsync(writer.GetStream());
            byte[] received = new byte[1];
            while (!writing.IsCompleted && await reader.GetStream().ReadAsync(received).Soon() > 0)
            {
                // What the other one sends.
            }

            await SkipIfPausedAsync(writing);
            Assert.That(writing.IsCompletedSuccessfully, Is.True);
        }
    }

    [TestCase("relay")]
    [TestCase("relay", "--latency", "10ms")]
    public async Task A_relay_cuts_a_connection_over_which_nothing_passes(string command, params string[] options)
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync([command, "127.0.0.1:0", target.Name, .. options]);
        await using (relay)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("before");
            await client.ExpectAsync("before");
            Assert.ThrowsAsync<IOException>(client.ExpectEndAsync);
            Assert.That(await relay.ErrorMatchAsync("disconnected after [0-9.]+ s, (.+)$"), Is.EqualTo("6 bytes there, 6 back: idle for 1 s"));
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "The command is for a Unix shell.")]
    public async Task A_command_that_says_nothing_is_ended_with_its_idle_client()
    {
        (Cli server, int port) = await StartAsync("listen", "127.0.0.1:0", "--exec", "exec sleep 3600", "-v");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            Assert.That(await server.ErrorMatchAsync("disconnected: (.*)$"), Is.EqualTo("idle for 1 s"));
        }
    }

    private async Task ExpectTrickleAsync(Stream stream)
    {
        int count = 0;
        try
        {
            byte[] received = new byte[1];
            while (await stream.ReadAsync(received).Soon() > 0)
            {
                count++;
            }
        }
        catch (IOException) when (_longest >= s_idle)
        {
            // Cut with reason.
        }

        await SkipIfPausedAsync(Task.CompletedTask);
        Assert.That(count, Is.EqualTo(Count()));
    }

    private async Task SkipIfPausedAsync(Task writing)
    {
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_longest >= s_idle)
        {
            Assert.Inconclusive("The machine was busy: nothing was sent for too long.");
        }
    }

    private static int Count() => (int)(3 * s_idle / s_pause);

    private async Task TrickleAsync(Stream stream)
    {
        _longest = default;
        for (int i = 0; i < Count(); i++)
        {
            long began = Stopwatch.GetTimestamp();
            await Task.Delay(s_pause);
            await stream.WriteAsync("x"u8.ToArray());
            TimeSpan pause = Stopwatch.GetElapsedTime(began);
            _longest = pause > _longest ? pause : _longest;
        }
    }

    private static async Task<SslStream> SecureAsync(TcpClient client)
    {
        var secured = new SslStream(client.GetStream());
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null }).Soon();
        return secured;
    }

    private Task<(Cli Server, int Port)> StartAsync(params string[] arguments) =>
        Cli.StartListeningAsync(Listening, [.. arguments, "--idle-timeout", $"{s_idle.TotalSeconds}", "--engine", Engine]);
}
