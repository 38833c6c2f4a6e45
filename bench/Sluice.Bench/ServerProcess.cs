using System.Diagnostics;
using Sluice.Bench.Contenders;

namespace Sluice.Bench;

/// <summary>A contender in a process of its own, pinned to the first processor.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Starts it; null, and why, if it cannot be run here.</summary>
    public static ServerProcess? Start(Contender contender, out string? reason)
    {
        (string[]? command, reason) = contender.Program?.Invoke() ?? (ThisProgram("serve", contender.Name), null);
        if (command is null)
        {
            return null;
        }

        ProcessStartInfo start = Pinning.Start(command, processor: 0);
        foreach ((string name, string value) in contender.Variables)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        string line = process.StandardOutput.ReadLine() ?? string.Empty;
        if (!int.TryParse(line.AsSpan(line.LastIndexOf(':') + 1), out int port))
        {
            process.Kill();
            throw new InvalidOperationException($"{contender.Name} did not start: {line}");
        }

        return new ServerProcess(process, port);
    }

    /// <summary>The command line that runs this program again.</summary>
    public static string[] ThisProgram(params string[] arguments) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, typeof(ServerProcess).Assembly.Location, .. arguments]
            : [Environment.ProcessPath!, .. arguments];

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
