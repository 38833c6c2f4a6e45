using System.Text.Json;
using Sluice.Cli.Bench;
using Sluice.Cli.Bench.Ramps;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tests;

public sealed class RampTests
{
    private static readonly string[] s_short = ["--duration", "0.3", "--warm-up", "0.1"];
    private static readonly BenchSettings s_settings = new(new Address(AddressKind.Tcp, "127.0.0.1", 1)) { Ramp = new Ramp(2, 0) };

    [TestCase("x2", 100, 200)]
    [TestCase("x1.5", 3, 4)]
    [TestCase("x1.1", 1, 2)]
    [TestCase("+7", 3, 10)]
    public void Connections_grow_by_at_least_one(string growth, int connections, int next) =>
        Assert.That(Ramp.TryParse(growth)!.Next(s_settings with { Connections = connections })!.Connections, Is.EqualTo(next));

    [TestCase("x1.5", 100, 150)]
    [TestCase("+0.5", 1, 1.5)]
    public void A_rate_grows(string growth, double rate, double next) =>
        Assert.That(Ramp.TryParse(growth)!.Next(s_settings with { MessageRate = rate })!.MessageRate, Is.EqualTo(next).Within(1e-9));

    [Test]
    public void A_ramp_ends_at_the_most_that_the_command_allows()
    {
        Assert.That(new Ramp(2, 0).Next(s_settings with { Connections = BenchCommand.MaxConnections }), Is.Null);
        Assert.That(new Ramp(2, 0).Next(s_settings with { MessageRate = BenchCommand.MaxRate }), Is.Null);
    }

    [TestCase(1000, 0.01, null)]
    [TestCase(10, 0.01, RampEnd.Latency)]
    [TestCase(1000, 1_000_000_000, RampEnd.Rate)]
    public void A_step_is_judged_by_its_latency_and_its_rate(int maxMilliseconds, double rate, object? verdict)
    {
        var totals = new LoadTotals();
        totals.Start();
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        totals.Add(began, began + (System.Diagnostics.Stopwatch.Frequency / 10));
        while (totals.Running < TimeSpan.FromMilliseconds(1))
        {
            // A rate needs some time.
        }

        totals.Stop();
        var ramp = new Ramp(2, 0) { MaxLatency = TimeSpan.FromMilliseconds(maxMilliseconds) };
        Assert.That(new RampStep(s_settings with { MessageRate = rate, Ramp = ramp }, totals).Verdict(), Is.EqualTo((RampEnd?)verdict));
    }

    [Test]
    public async Task It_runs_step_by_step_and_reports_each()
    {
        using var folder = new TemporaryFolder();
        string report = folder.PathOf("report.html");
        await using LocalServer server = LocalServer.Echo();
        JsonElement result = await RunAsync(server.Name, report, "--ramp", "+2", "--connections", "1", "--steps", "3", "--max-latency", "1h");
        Assert.That((Text(result, "ramp"), Text(result, "end"), result.GetProperty("best").GetInt32()), Is.EqualTo(("connections", "steps", 5)));
        JsonElement[] steps = [.. result.GetProperty("steps").EnumerateArray()];
        Assert.That(steps.Select(step => step.GetProperty("connections").GetInt32()), Is.EqualTo(new[] { 1, 3, 5 }));
        Assert.That(steps.Select(step => step.GetProperty("messages").GetInt64()), Is.All.Positive);
        Assert.That(await File.ReadAllTextAsync(report), Does.Contain("<svg").And.Contains("<th>connections</th>").And.Contains("+2 a step").And.EndsWith("</html>\n"));
    }

    [Test]
    public async Task A_rate_ends_with_the_step_whose_latency_is_too_high()
    {
        await using LocalServer server = LocalServer.Echo();
        JsonElement result = await RunAsync(server.Name, report: null, "--ramp", "x2", "--connections", "1", "--rate", "100", "--max-latency", "1us");
        Assert.That((Text(result, "ramp"), Text(result, "end"), result.TryGetProperty("best", out _)), Is.EqualTo(("rate", "latency", false)));
        Assert.That(result.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("wantedRate").GetDouble()), Is.EqualTo(new[] { 100.0 }));
    }

    [Test]
    public async Task When_the_server_fails_the_steps_before_are_printed()
    {
        (int exitCode, string output, string errors) = await RunUntilSecondConnectionAsync();
        for (int attempt = 1; attempt < 10 && errors.Contains("Nothing came back", StringComparison.Ordinal); attempt++)
        {
            (exitCode, output, errors) = await RunUntilSecondConnectionAsync();
        }

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Match(@"^sluice: [^\r\n]+\r?\n$"));
        Assert.That(output, Does.Match(
            @"^1 connection to [^\r\n]+, then \+1 a step\r?\n"
            + @" connections +messages/s +p50 µs [^\r\n]+\r?\n"
            + @" +1 +[0-9,]+( +[0-9,.]+){5}\r?\n"
            + @"With 2 connections, the server failed\. The most that the server kept up with: 1 connection\.\r?\n$"));
    }

    [TestCase("--ramp is a factor", "--ramp", "x1")]
    [TestCase("--ramp is a factor", "--ramp", "100")]
    [TestCase("--ramp needs the latencies", "--ramp", "x2", "--send")]
    [TestCase("--steps needs --ramp", "--steps", "3")]
    [TestCase("--max-latency is a time", "--ramp", "x2", "--max-latency", "high")]
    public async Task What_is_not_understood_is_one_line_and_exit_code_2(string said, params string[] options)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(["bench", "127.0.0.1:1", .. options]);
        Assert.That((exitCode, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith("sluice: ").And.Contains(said).And.Match(@"^[^\r\n]+\r?\n$"));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunUntilSecondConnectionAsync()
    {
        int connections = 0;
        await using var server = new LocalServer(async stream =>
        {
            // The second step has the second connection.
            if (Interlocked.Increment(ref connections) == 1)
            {
                await stream.CopyToAsync(stream);
            }
        });
        return await Cli.RunAsync("bench", server.Name, "--ramp", "+1", "--connections", "1", "--max-latency", "1h", "--warm-up", "0.1", "--duration", "1");
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    // On a machine with more to do, nothing may come back in so short a step, which ends the ramp. Only then is it tried again.
    private static async Task<JsonElement> RunAsync(string server, string? report, params string[] options)
    {
        for (int attempt = 1; ; attempt++)
        {
            string[] withReport = report is null ? [] : ["--report", report];
            (int exitCode, string output, string errors) = await Cli.RunAsync(["bench", server, "--json", .. s_short, .. options, .. withReport]);
            bool isTooShort = errors.Contains("Nothing came back", StringComparison.Ordinal)
                || (options.Contains("1h") && output.Contains("\"end\":\"latency\"", StringComparison.Ordinal));
            if (!isTooShort || attempt == 10)
            {
                Assert.That((exitCode, errors), Is.EqualTo((0, "")));
                return JsonDocument.Parse(output).RootElement;
            }
        }
    }
}
