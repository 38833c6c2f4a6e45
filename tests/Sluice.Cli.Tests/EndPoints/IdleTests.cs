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

    // The longest pause of what sends and of what receives: on a busy machine it may be idle time itself.
    private long _longest;

    [TestCase("127.0.0.1:0")]
    [TestCase("tls://127.0.0.1:0")]
    [TestCase("127.0.0.1:0", "--rate", "1M")]
    [TestCase("127.0.0.1:0", "--latency", "10ms")]
    public Task A_download_through_a_relay_is_no_idle_time(string listen, params string[] options) => TrickleIsCompleteAsync(async idle =>
    {
        await using var target = new LocalServer(stream => TrickleAsync(stream, idle));
        (Cli relay, int port) = await StartAsync(idle, ["relay", listen, target.Name, .. options]);
        await using (relay)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port).Soon();
            await using Stream stream = listen.StartsWith("tls:", StringComparison.Ordinal) ? await SecureAsync(client) : client.GetStream();
            return await CountAsync(stream, idle);
        }
    });

    [Test]
    public Task A_client_of_a_chat_that_only_reads_is_not_idle() => TrickleIsCompleteAsync(async idle =>
    {
        (Cli server, int port) = await StartAsync(idle, "listen", "127.0.0.1:0", "--chat", "-v");
        await using (server)
        {
            using var reader = new TcpClient();
            await reader.ConnectAsync(IPAddress.Loopback, port).Soon();
            Task<int> counting = CountAsync(reader.GetStream(), idle);
            await server.ErrorMatchAsync("(connected)$");
            using var writer = new TcpClient();
            await writer.ConnectAsync(IPAddress.Loopback, port).Soon();
            Task writing = TrickleAsync(writer.GetStream(), idle);
            int count = await counting;
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return count;
        }
    });

    [TestCase("relay")]
    [TestCase("relay", "--latency", "10ms")]
    public async Task A_relay_cuts_a_connection_over_which_nothing_passes(string command, params string[] options)
    {
        await using LocalServer target = LocalServer.Echo();
        (Cli relay, int port) = await StartAsync(s_idle, [command, "127.0.0.1:0", target.Name, .. options]);
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
        (Cli server, int port) = await StartAsync(s_idle, "listen", "127.0.0.1:0", "--exec", "exec sleep 3600", "-v");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            Assert.That(await server.ErrorMatchAsync("disconnected: (.*)$"), Is.EqualTo("idle for 1 s"));
        }
    }

    /// <summary>Says that a client receives all that trickles for three idle times. After a pause that is idle time itself, it tries again with a longer time.</summary>
    /// <param name="receiveAsync">Starts a server with an idle time-out, and counts what a client receives.</param>
    private async Task TrickleIsCompleteAsync(Func<TimeSpan, Task<int>> receiveAsync)
    {
        TimeSpan idle = s_idle;
        int count = await ReceiveAsync();
        for (int more = 2; more > 0 && count < Count(idle) && Stopwatch.GetElapsedTime(0, Volatile.Read(ref _longest)) >= idle; more--)
        {
            idle *= 3;
            count = await ReceiveAsync();
        }

        Assert.That(count, Is.EqualTo(Count(idle)));

        Task<int> ReceiveAsync()
        {
            _longest = 0;
            return receiveAsync(idle);
        }
    }

    /// <summary>Gets how many bytes trickle in three idle times.</summary>
    private static int Count(TimeSpan idle) => (int)(3 * idle / s_pause);

    /// <summary>Counts the bytes that come until all have, or until the end.</summary>
    private async Task<int> CountAsync(Stream stream, TimeSpan idle)
    {
        int count = 0;
        byte[] received = new byte[1];
        try
        {
            for (int wanted = Count(idle); count < wanted && await MeasureAsync(stream.ReadAsync(received).AsTask().Soon()) > 0;)
            {
                count++;
            }
        }
        catch (IOException)
        {
            // Cut.
        }

        return count;
    }

    private async Task TrickleAsync(Stream stream, TimeSpan idle)
    {
        for (int i = Count(idle); i > 0; i--)
        {
            await MeasureAsync(SendAsync());
        }

        async Task<bool> SendAsync()
        {
            await Task.Delay(s_pause);
            await stream.WriteAsync("x"u8.ToArray());
            return true;
        }
    }

    private async Task<T> MeasureAsync<T>(Task<T> step)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            return await step;
        }
        finally
        {
            long pause = Stopwatch.GetTimestamp() - began;
            long longest;
            while (pause > (longest = Volatile.Read(ref _longest)) && Interlocked.CompareExchange(ref _longest, pause, longest) != longest)
            {
                // The other one has had a pause, too.
            }
        }
    }

    private static async Task<SslStream> SecureAsync(TcpClient client)
    {
        var secured = new SslStream(client.GetStream());
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null }).Soon();
        return secured;
    }

    private Task<(Cli Server, int Port)> StartAsync(TimeSpan idle, params string[] arguments) =>
        Cli.StartListeningAsync(Listening, [.. arguments, "--idle-timeout", $"{idle.TotalSeconds}", "--engine", Engine]);
}
