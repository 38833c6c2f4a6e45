using System.Diagnostics;

namespace Sluice.Faults.Kit;

/// <summary>Runs programs.</summary>
internal static class Commands
{
    // A program of its own, or one that dotnet runs.
    private static readonly string[] s_this = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(Commands).Assembly.Location]
        : [Environment.ProcessPath!];

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Trim()}");
        }
    }

    /// <summary>Starts this program in a network namespace.</summary>
    public static Process StartHere(string networkNamespace, params string[] arguments) =>
        Start("ip", ["netns", "exec", networkNamespace, .. s_this, .. arguments]);

    /// <summary>Starts this program once more.</summary>
    public static Process StartThis(params string[] arguments) => Start(s_this[0], [.. s_this[1..], .. arguments]);

    /// <summary>Starts this program once more, with the lowest priority.</summary>
    public static Process StartNiced(params string[] arguments) => Start("nice", ["-n", "19", .. s_this, .. arguments]);

    /// <summary>Starts this program once more, on one of the processors.</summary>
    public static Process StartOn(int processor, params string[] arguments) => Start("taskset", ["-c", $"{processor}", .. s_this, .. arguments]);

    /// <summary>Starts this program once more, from a shell that runs a command first.</summary>
    public static Process StartAfter(string command, params string[] arguments) => Start("/bin/sh", ["-c", $"{command}; exec \"$@\"", "sh", .. s_this, .. arguments]);

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;
}
