using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>Starts processes on one processor, where <c>taskset</c> can.</summary>
internal static class Pinning
{
    public static bool IsPossible { get; } = Environment.ProcessorCount > 1 && File.Exists("/usr/bin/taskset");

    public static ProcessStartInfo Start(string[] command, int processor)
    {
        string[] all = IsPossible ? ["/usr/bin/taskset", "-c", $"{processor}", .. command] : command;
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true };
    }
}
