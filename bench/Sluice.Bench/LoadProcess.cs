using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Load;

namespace Sluice.Bench;

/// <summary>The load, in a process of its own, pinned to the second processor.</summary>
internal static class LoadProcess
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    /// <summary>Messages a second against the server at <paramref name="port"/>.</summary>
    public static double Measure(EchoScenario scenario, int port, TimeSpan duration)
    {
        string[] command = ServerProcess.ThisProgram("load", scenario.Name, $"{port}", duration.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        ProcessStartInfo start = Pinning.Start(command, processor: 1);

        // It lives for seconds: compiled at once, it is as fast at the start as at the end.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The load failed: {output}");
    }

    /// <summary>The process itself.</summary>
    public static void Run(EchoScenario scenario, int port, TimeSpan duration)
    {
        using var load = new EpollLoad(port, scenario.Connections, scenario.Size, scenario.Depth);
        load.Run(s_warmUp);
        (long bytes, TimeSpan elapsed) = load.Run(duration);
        Console.WriteLine((bytes / (double)scenario.Size / elapsed.TotalSeconds).ToString(CultureInfo.InvariantCulture));
    }
}
