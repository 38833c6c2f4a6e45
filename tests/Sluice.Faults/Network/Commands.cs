using System.Diagnostics;

namespace Sluice.Faults.Network;

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
    public static Process StartHere(string networkNamespace, params string[] arguments) => Process.Start(new ProcessStartInfo(
        "ip", ["netns", "exec", networkNamespace, .. s_this, .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;
}
