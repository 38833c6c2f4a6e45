using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>Runs the load, <c>sluice bench</c>, in a process of its own.</summary>
internal static class LoadProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The time that a run takes in addition to the measurement: start and warm-up.</summary>
    public static TimeSpan Overhead { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Loads the server at <paramref name="port"/>.</summary>
    /// <exception cref="UnmeasurableException">The server disconnected, sent a wrong answer, or none.</exception>
    public static LoadResult Run(Scenario scenario, int port, TimeSpan duration, Pinning pinning)
    {
        string[] command = scenario.Kind switch
        {
            ScenarioKind.Datagrams => Commands.ThisProgram("send-datagrams", scenario.Name, $"{port}", Seconds(duration.TotalSeconds)),
            ScenarioKind.Broadcast => Commands.ThisProgram("ask-for-broadcasts", scenario.Name, $"{port}", Seconds(duration.TotalSeconds)),
            _ => Commands.Sluice(Arguments(scenario, port, duration, pinning)),
        };
        ProcessStartInfo start = pinning.StartInfo(command, Pinning.LoadProcessor);
        start.RedirectStandardError = true;

        // The process runs only for seconds. Full JIT at once makes it as fast at the start as at the end.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(duration + s_patience))
        {
            process.Kill();
            process.WaitForExit();
            throw new UnmeasurableException("the load did not finish");
        }

        return process.ExitCode == 0 ? LoadResult.Parse(output.Result) : throw new UnmeasurableException(errors.Result.Trim());
    }

    private static string[] Arguments(Scenario scenario, int port, TimeSpan duration, Pinning pinning)
    {
        List<string> arguments =
        [
            "bench", $"127.0.0.1:{port}", "--json",
            "--connections", $"{scenario.Connections}",
            "--size", $"{scenario.Size}",
            "--duration", Seconds(duration.TotalSeconds),
            "--warm-up", Seconds(scenario.From.TotalSeconds),
            .. Kind(scenario),
        ];
        if (scenario.IsTls)
        {
            arguments.Add("--tls");
        }

        if (pinning.IsOn)
        {
            arguments.Add("--spin");
        }

        return [.. arguments];
    }

    private static string[] Kind(Scenario scenario) => (scenario.Kind, scenario.Mode) switch
    {
        (ScenarioKind.Connect, _) => ["--connect"],
        (_, ServerMode.Sink or ServerMode.TlsSink) => ["--send"],
        (_, ServerMode.Source or ServerMode.TlsSource) => ["--receive"],
        (_, ServerMode.Lines) => ["--lines", "--depth", $"{scenario.Depth}"],
        _ => ["--depth", $"{scenario.Depth}"],
    };

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);
}
