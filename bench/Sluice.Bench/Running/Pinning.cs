using System.Diagnostics;

namespace Sluice.Bench.Running;

/// <summary>Starts processes, pinned to one processor each if wanted and <c>taskset</c> is available.</summary>
internal sealed class Pinning(bool wanted)
{
    public const int ServerProcessor = 0;
    public const int LoadProcessor = 1;

    private static readonly string? s_taskset =
        Environment.ProcessorCount > 1 && OperatingSystem.IsLinux() ? Programs.Find("taskset") : null;

    public bool IsOn => wanted && s_taskset is not null;

    public override string ToString() => (IsOn, wanted) switch
    {
        (true, _) => "server and load on one processor each",
        (_, true) => "not pinned: taskset is missing, or there is only one processor",
        _ => "not pinned",
    };

    /// <summary>Returns how to start <paramref name="command"/> on <paramref name="processor"/>.</summary>
    public ProcessStartInfo StartInfo(IReadOnlyList<string> command, int processor)
    {
        string[] all = IsOn ? [s_taskset!, "-c", $"{processor}", .. command] : [.. command];
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true };
    }
}
