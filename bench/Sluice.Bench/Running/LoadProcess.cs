using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Results;

namespace Sluice.Bench.Running;

/// <summary>The load: <c>sluice bench</c>, in a process of its own.</summary>
internal static class LoadProcess
{
    /// <summary>Load that it does not count.</summary>
    public const double WarmUpSeconds = 0.5;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Loads the server at <paramref name="port"/>.</summary>
    /// <exception cref="UnmeasurableException">The server left, answered something else, or not at all.</exception>
    public static LoadResult Run(Scenario scenario, int port, TimeSpan duration, Pinning pinning)
    {
        ProcessStartInfo start = pinning.StartInfo(Commands.Sluice(Arguments(scenario, port, duration)), Pinning.LoadProcessor);
        start.RedirectStandardError = true;

        // It lives for seconds: compiled at once, it is as fast at the start as at the end.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        bool ended = line.Wait(duration + s_patience);
        long endedAt = Stopwatch.GetTimestamp();
        ended = ended && process.WaitForExit(s_patience);
        if (!ended)
        {
            process.Kill();
            process.WaitForExit();
            throw new UnmeasurableException("the load did not end");
        }

        return process.ExitCode == 0 && line.Result is { } json
            ? LoadResult.Parse(json) with { EndedAt = endedAt }
            : throw new UnmeasurableException(errors.Result.Trim());
    }

    private static string[] Arguments(Scenario scenario, int port, TimeSpan duration)
    {
        List<string> arguments =
        [
            "bench", $"127.0.0.1:{port}", "--json",
            "--connections", $"{scenario.Connections}",
            "--size", $"{scenario.Size}",
            "--duration", Seconds(duration.TotalSeconds),
            "--warm-up", Seconds(WarmUpSeconds),
        ];
        arguments.AddRange(scenario.Kind == ScenarioKind.Connect ? ["--connect"] : ["--depth", $"{scenario.Depth}"]);
        if (scenario.Mode == EchoMode.Lines)
        {
            arguments.Add("--lines");
        }

        return [.. arguments];
    }

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);
}
