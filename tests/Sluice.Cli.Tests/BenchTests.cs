using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Sluice.Cli.Tests;

public sealed class BenchTests(string engine) : BothEngines(engine)
{
    private const string SystemCalls = "auto";

    // Long enough for a message to come back from a server that has only just begun.
    private static readonly string[] s_short = ["--duration", "0.2", "--warm-up", "0.05"];

    // Started by the first test that needs it.
    private (Cli Server, int Port)? _bytes;
    private (Cli Server, int Port)? _lines;

    [OneTimeTearDown]
    public async Task StopServers()
    {
        foreach ((Cli server, _) in new[] { _bytes, _lines }.OfType<(Cli, int)>())
        {
            await server.DisposeAsync();
        }
    }

    [TestCase("--connections", "8")]
    [TestCase("--connections", "2", "--depth", "16")]
    [TestCase("--connections", "2", "--size", "300000", "--depth", "3")]
    [TestCase("--connections", "4", "--size", "1")]
    [TestCase("--connections", "4", "--connect")]
    [TestCase("--connections", "4", "--spin")]
    public async Task It_loads_an_echo_of_bytes_and_tells_how_fast_it_is(params string[] options) =>
        await AssertMeasuresAsync(await ServerOfBytesAsync(), options);

    [TestCase("--connections", "8")]
    [TestCase("--connections", "2", "--depth", "16")]
    [TestCase("--connections", "2", "--size", "1")]
    [TestCase("--connections", "4", "--connect")]
    public async Task It_loads_an_echo_of_lines_that_answers_with_CR_LF(params string[] options)
    {
        _lines ??= await Cli.StartEchoAsync("--quiet", "--engine", Engine);
        await AssertMeasuresAsync(_lines.Value.Port, ["--lines", .. options]);
    }

    // The first address of the name may be that of IPv6, at which nothing listens.
    [TestCase("--connections", "2")]
    [TestCase("--connections", "2", "--rate", "100")]
    [TestCase("--connections", "2", "--connect")]
    public async Task A_server_that_listens_at_one_address_of_its_name_is_loaded(params string[] options)
    {
        int port = await ServerOfBytesAsync();
        (_, string output, string errors) = await CommandHere.RunAsync(["bench", $"localhost:{port}", "--engine", Engine, .. s_short, .. options]);
        Assert.That(output, Does.StartWith($"2 connections to localhost:{port}, "));
        Assert.That(errors, Does.Not.Contain("Connecting"));
    }

    [Test]
    public async Task For_people_it_prints_a_line_a_second_and_the_latencies()
    {
        int port = await ServerOfBytesAsync();
        (int exitCode, string output, string errors) = await CommandHere.RunAsync("bench", $"127.0.0.1:{port}", "--engine", Engine, "--duration", "1.2", "--warm-up", "0.05");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Match(
            @"^64 connections to 127\.0\.0\.1:\d+, messages of 64 bytes, 1 in flight on each\r?\n"
            + @"( +\d+ s +[0-9,]+ messages/s\r?\n)+"
            + @"[0-9,]+ messages in \d+\.\d\d s: [0-9,]+ messages/s, [0-9.]+ MB/s each way\r?\n"
            + @"latency in µs: min [0-9,]+\.[0-9], p50 [0-9,]+\.[0-9], p90 [0-9,]+\.[0-9], p99 [0-9,]+\.[0-9], p99\.9 [0-9,]+\.[0-9], max [0-9,]+\.[0-9]\r?\n$"));
    }

    [TestCase("--send")]
    [TestCase("--send", "--size", "1000000")]
    [TestCase("--receive")]
    [TestCase("--receive", "--spin")]
    public Task One_way_it_counts_bytes(string direction, params string[] options) =>
        WithBothLoadsAsync(load => AssertCountsAsync(load, direction, options));

    [Test]
    public async Task One_way_it_prints_megabytes_for_people()
    {
        using var server = new OneWayServer(sends: true);
        (int exitCode, string output, string errors) = await CommandHere.RunAsync(
            "bench", $"{server.EndPoint}", "--receive", "--connections", "1", "--duration", "1.2", "--warm-up", "0.05", "--engine", Engine);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Match(
            @"^1 connection to 127\.0\.0\.1:\d+, receiving\r?\n"
            + @"( +\d+ s +[0-9,.]+ MB/s\r?\n)+"
            + @"[0-9,]+ MB in \d+\.\d\d s: [0-9,.]+ MB/s, \d+\.\d\d Gbit/s\r?\n$"));
    }

    [Test]
    public async Task It_tells_when_it_began_and_ended_to_count()
    {
        int port = await ServerOfBytesAsync();
        DateTime before = DateTime.UtcNow;
        JsonElement result = await MeasureAsync(["bench", $"127.0.0.1:{port}", "--json", "--engine", Engine, .. s_short]);
        DateTime began = DateTime.UnixEpoch + TimeSpan.FromMicroseconds(result.GetProperty("began").GetInt64());
        DateTime ended = DateTime.UnixEpoch + TimeSpan.FromMicroseconds(result.GetProperty("ended").GetInt64());
        Assert.That(began, Is.GreaterThan(before + TimeSpan.FromSeconds(0.045)));
        Assert.That(ended, Is.LessThan(DateTime.UtcNow));
        Assert.That((ended - began).TotalSeconds, Is.EqualTo(result.GetProperty("seconds").GetDouble()).Within(1e-5));
    }

    [TestCase("--connections", "3")]
    [TestCase("--connections", "1", "--depth", "8", "--size", "1400")]
    [TestCase("--connections", "2", "--rate", "500")]
    public async Task It_loads_an_echo_of_datagrams(params string[] options)
    {
        await using Cli server = Cli.Start("echo", "udp://127.0.0.1:0", "--engine", Engine);
        string at = await server.ReadMatchAsync("^Started echo server at ([^ ]+)$");
        JsonElement result = await MeasureAsync(["bench", at, "--json", "--engine", Engine, .. s_short, .. options]);
        Assert.That(result.GetProperty("messages").GetDouble(), Is.GreaterThan(0));
        Assert.That(result.GetProperty("lost").GetInt64(), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public async Task A_datagram_of_the_last_second_that_does_not_come_back_is_lost_while_others_come_back()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Task<JsonElement> measuring = MeasureAsync(
            ["bench", $"udp://{server.Client.LocalEndPoint}", "--json", "--connections", "1", "--depth", "2", "--warm-up", "0.05", "--duration", "2", "--engine", Engine]);
        long began = 0;
        bool hasLost = false;
        Task answering = AnswerAsync(server, number =>
        {
            began = number == 0 ? Stopwatch.GetTimestamp() : began;
            bool isLate = Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(1.3);
            bool isAnswered = hasLost || !isLate;
            hasLost |= isLate;
            return isAnswered;
        });
        Assert.That((await measuring).GetProperty("lost").GetInt64(), Is.GreaterThanOrEqualTo(1));
        server.Dispose();
        await answering.Soon();
    }

    [TestCase("auto")]
    [TestCase("auto", "--tls")]
    [TestCase("auto", "--rate", "100")]
    [TestCase("auto", "--connect")]
    [TestCase(null)]
    public async Task A_server_that_lets_connections_wait_is_an_error_after_the_timeout(string? engine, params string[] options)
    {
        // Nothing accepts: of the connections, the queue takes one or two, and TLS gets no answer.
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen(0);
        (int exitCode, _, string errors) = await CommandHere.RunAsync(
            ["bench", $"{server.LocalEndPoint}", "--connections", "8", "--timeout", "300ms", "--duration", "20", "--engine", engine ?? Engine, .. options]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Match(@"^sluice: Connecting to [^ ]+: (no answer within|no connection within the connect timeout of) 0\.3 s\."));
    }

    [Test]
    public async Task At_a_rate_datagrams_that_do_not_come_back_are_lost()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Task<JsonElement> measuring = MeasureAsync(
            ["bench", $"udp://{server.Client.LocalEndPoint}", "--json", "--connections", "1", "--rate", "200", "--warm-up", "0.1", "--duration", "4", "--engine", Engine]);
        Task answering = AnswerAsync(server, number => number % 2 == 0);
        JsonElement result = await measuring;
        long back = result.GetProperty("messages").GetInt64();
        Assert.That(result.GetProperty("wantedRate").GetDouble(), Is.EqualTo(200));
        Assert.That(back, Is.GreaterThan(0));

        // A busy machine drops some of the others.
        Assert.That(result.GetProperty("lost").GetInt64(), Is.GreaterThan(back / 2));
        server.Dispose();
        await answering.Soon();
    }

    [Test]
    public async Task At_a_rate_a_server_that_stops_delays_all_messages_of_that_time()
    {
        using var folder = new TemporaryFolder();
        string report = folder.PathOf("report.html");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<(int ExitCode, string Output, string Errors)> running = CommandHere.RunAsync(
            "bench", listener.LocalEndpoint.ToString()!, "--json", "--connections", "1", "--rate", "100", "--warm-up", "0.1", "--duration", "6", "--engine", Engine, "--report", report);
        using TcpClient client = await listener.AcceptTcpClientAsync().Soon();

        // Answers nothing for two seconds, and then everything: a quarter of the messages waited for half a second or more.
        byte[] bytes = new byte[64 * 1024];
        await client.GetStream().ReadExactlyAsync(bytes.AsMemory(0, 64)).Soon();
        await Task.Delay(TimeSpan.FromSeconds(2));
        await client.GetStream().WriteAsync(bytes.AsMemory(0, 64));
        try
        {
            int count;
            while ((count = await client.GetStream().ReadAsync(bytes)) > 0)
            {
                await client.GetStream().WriteAsync(bytes.AsMemory(0, count));
            }
        }
        catch (IOException)
        {
            // The load has ended, maybe between a read and a write.
        }

        (int exitCode, string output, string errors) = await running.Soon();
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        JsonElement result = JsonDocument.Parse(output).RootElement;
        Assert.That(result.GetProperty("wantedRate").GetDouble(), Is.EqualTo(100));

        // A load that waits for answers would count a single message of two seconds.
        Assert.That(result.GetProperty("latency").GetProperty("p90").GetDouble(), Is.GreaterThan(500_000));
        Assert.That(await File.ReadAllTextAsync(report), Does.Contain("<svg").And.Contains("100 per second").And.EndsWith("</html>\n"));
    }

    [Test]
    public async Task A_report_that_cannot_be_written_costs_no_measurement()
    {
        using var folder = new TemporaryFolder();
        int port = await ServerOfBytesAsync();
        (int exitCode, string output, string errors) = await CommandHere.RunAsync(
            "bench", $"127.0.0.1:{port}", "--report", Path.Combine(folder.PathOf("none"), "report.html"), "--duration", "3600", "--engine", Engine);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.StartWith("sluice: ").And.Contains("none"));
    }

    [Test]
    public async Task A_shorter_report_takes_the_place_of_a_longer_one()
    {
        using var folder = new TemporaryFolder();
        string report = folder.Write("report.html", new string('x', 1_000_000));
        int port = await ServerOfBytesAsync();
        await MeasureAsync(["bench", $"127.0.0.1:{port}", "--json", "--report", report, "--engine", Engine, .. s_short]);
        Assert.That(await File.ReadAllTextAsync(report), Does.StartWith("<!doctype html>").And.EndsWith("</html>\n"));
    }

    [Test]
    public async Task A_signal_does_not_wait_for_a_server_that_does_not_accept()
    {
        using FullListener server = await FullListener.CreateAsync();
        await using Cli bench = Cli.Start("bench", $"{server.EndPoint}", "--connections", "1", "--json");

        // A connection that was asked for: state 2 (tcp(7) of Linux, net/tcp_states.h).
        string asked = $":{((IPEndPoint)server.EndPoint).Port:X4} 02 ";
        await Waiting.UntilAsync(() => File.ReadAllText("/proc/net/tcp").Contains(asked, StringComparison.Ordinal));
        await bench.SignalAsync("INT");
        (int exitCode, string output, _) = await bench.EndAsync();
        Assert.That((exitCode, JsonTests.ErrorIn(output)), Is.EqualTo((1, "Stopped before anything was measured.")));
    }

    [TestCase]
    [TestCase("--connect")]
    [TestCase("--rate", "200")]
    public async Task When_the_server_dies_the_results_so_far_are_printed(params string[] options)
    {
        (Cli server, int port) = await Cli.StartEchoAsync("--raw", "--quiet", "--engine", Engine);
        await using Cli bench = Cli.Start(["bench", $"127.0.0.1:{port}", "--connections", "2", "--warm-up", "0.05", "--duration", "3600", "--engine", Engine, .. options]);
        await bench.ReadMatchAsync(@"^ +[0-9]+ s +([1-9][0-9,]*) messages/s$");
        await server.DisposeAsync();
        (int exitCode, string output, string errors) = await bench.EndAsync();
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Match(@"messages in [0-9.]+ s: ").And.Match("p99 "));
        Assert.That(errors, Does.Match(@"^sluice: [^\r\n]+\r?\n$"));
    }

    [Test]
    public Task Without_spin_it_sleeps_while_the_server_does_not_answer() => WithBothLoadsAsync(async load =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using Cli bench = Cli.Start(
            "bench", listener.LocalEndpoint.ToString()!, "--connections", "1", "--engine", load, "--warm-up", "0.05", "--duration", "3600");
        using TcpClient client = await listener.AcceptTcpClientAsync().Soon();
        await client.GetStream().ReadExactlyAsync(new byte[64]).Soon();
        await bench.ReadLineAsync();
        await bench.ReadLineAsync();

        // The next line comes after a second. A load that spins would use all of each second; the compiler behind the scenes, of some.
        TimeSpan used = TimeSpan.MaxValue;
        for (int second = 0; second < 20 && used > TimeSpan.FromSeconds(0.5); second++)
        {
            TimeSpan before = bench.ProcessorTime;
            await bench.ReadLineAsync();
            used = bench.ProcessorTime - before;
        }

        Assert.That(used, Is.LessThan(TimeSpan.FromSeconds(0.5)));
    });

    [Test]
    public Task A_wrong_byte_is_one_line_and_exit_code_1() => AssertFailsAsync(
        (bytes, count) =>
        {
            bytes[count - 1]++;
            return count;
        },
        "The server sent back something else than it received, at byte 63 of a connection.");

    [TestCase("--send")]
    [TestCase("--receive")]
    public Task A_server_that_closes_in_the_middle_of_one_way_is_one_line_and_exit_code_1(string direction) => WithBothLoadsAsync(async load =>
    {
        using var server = new OneWayServer(sends: direction == "--receive", most: 1_000_000);
        (int exitCode, string output, string errors) = await CommandHere.RunAsync(
            "bench", $"{server.EndPoint}", "--json", direction, "--connections", "1", "--engine", load, "--duration", "3600").Soon();
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Match(@"^sluice: [^\r\n]+\r?\n$"));
        Assert.That(JsonTests.ErrorIn(output), Is.EqualTo(errors["sluice: ".Length..].TrimEnd()));
    });

    [Test]
    public Task A_server_that_closes_is_one_line_and_exit_code_1() => AssertFailsAsync((_, _) => -1, "");

    [Test]
    public Task A_server_that_says_nothing_is_one_line_and_exit_code_1() => AssertFailsAsync((_, _) => 0, "Nothing came back from ");

    private async Task<int> ServerOfBytesAsync() => (_bytes ??= await Cli.StartEchoAsync("--raw", "--quiet", "--engine", Engine)).Port;

    private static async Task AssertCountsAsync(string load, string direction, string[] options)
    {
        using var server = new OneWayServer(sends: direction == "--receive");
        JsonElement result = await MeasureAsync(
            ["bench", $"{server.EndPoint}", "--json", direction, "--connections", "3", "--engine", load, .. s_short, .. options]);
        double bytes = result.GetProperty("bytes").GetDouble();

        // The command may end before the server has accepted the last one.
        await Waiting.UntilAsync(() => server.Connections > 0 && server.Connections % 3 == 0);
        (int connections, long most) = await server.EndAsync();
        Assert.That(connections % 3, Is.Zero);
        Assert.That(most, Is.GreaterThan(0));

        // Messages on their way when it ends need not arrive.
        Assert.That(bytes, direction == "--receive" ? Is.InRange(1, most) : Is.GreaterThan(0));
        Assert.That(result.GetProperty("rate").GetDouble(), Is.EqualTo(bytes / result.GetProperty("seconds").GetDouble()).Within(0.1).Percent);
        Assert.That(result.TryGetProperty("latency", out _), Is.False);
    }

    private Task AssertMeasuresAsync(int port, string[] options) =>
        WithBothLoadsAsync(load => AssertMeasuresAsync(["bench", $"127.0.0.1:{port}", "--json", "--engine", load, .. s_short, .. options]));

    private static async Task AssertMeasuresAsync(string[] arguments)
    {
        JsonElement result = await MeasureAsync(arguments);
        double messages = result.GetProperty("messages").GetDouble();
        double seconds = result.GetProperty("seconds").GetDouble();
        Assert.That(messages, Is.GreaterThan(0));
        Assert.That(seconds, Is.GreaterThan(0.18));
        Assert.That(result.GetProperty("rate").GetDouble(), Is.EqualTo(messages / seconds).Within(0.1).Percent);
        JsonElement latency = result.GetProperty("latency");
        double[] rising = [.. new[] { "min", "p50", "p90", "p99", "p99.9", "max" }.Select(name => latency.GetProperty(name).GetDouble())];
        Assert.That(rising, Is.Ordered.And.All.GreaterThan(0));
    }

    // On a machine with more to do, nothing may come in so short a time. Only then is it tried again.
    private static async Task<JsonElement> MeasureAsync(params string[] arguments)
    {
        for (int attempt = 1; ; attempt++)
        {
            (int exitCode, string output, string errors) = await CommandHere.RunAsync(arguments);
            bool tooShort = errors.Contains("Nothing came back", StringComparison.Ordinal) || errors.Contains("received nothing", StringComparison.Ordinal);
            if (!tooShort || attempt == 10)
            {
                Assert.That((exitCode, errors), Is.EqualTo((0, "")));
                return JsonDocument.Parse(output).RootElement;
            }
        }
    }

    private static async Task AnswerAsync(UdpClient server, Func<int, bool> isAnswered)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                UdpReceiveResult received = await server.ReceiveAsync();
                if (isAnswered(i))
                {
                    await server.SendAsync(received.Buffer, received.RemoteEndPoint);
                }
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    // What the server makes of bytes that it has received: how many of them it sends back, or -1 to close.
    private Task AssertFailsAsync(Func<byte[], int, int> answer, string said) => WithBothLoadsAsync(load => AssertFailsAsync(load, answer, said));

    // The load on the server's engine and, on Linux, the load of bare system calls. Each mostly waits for its time to pass, so both run at once.
    private Task WithBothLoadsAsync(Func<string, Task> test) => Task.WhenAll(test(Engine), test(SystemCalls));

    private static async Task AssertFailsAsync(string load, Func<byte[], int, int> answer, string said)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<(int ExitCode, string Output, string Errors)> running = CommandHere.RunAsync(
            ["bench", listener.LocalEndpoint.ToString()!, "--json", "--connections", "1", "--engine", load, .. s_short]);
        using (TcpClient client = await listener.AcceptTcpClientAsync().Soon())
        {
            byte[] bytes = new byte[64];
            await client.GetStream().ReadExactlyAsync(bytes).Soon();
            int count = answer(bytes, bytes.Length);
            if (count >= 0)
            {
                await client.GetStream().WriteAsync(bytes.AsMemory(0, count));
                await running.Soon();
            }
        }

        (int exitCode, string output, string errors) = await running.Soon();
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith($"sluice: {said}").And.Match(@"^[^\r\n]+\r?\n$"));
        Assert.That(JsonTests.ErrorIn(output), Does.StartWith(said));
    }
}
