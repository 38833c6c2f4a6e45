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
        string[]? command = contender.RunAsync is not null
            ? [Environment.ProcessPath!, .. Assembly(), "serve", contender.Name]
            : PlainCProgram.Build(out reason) is { } program ? [program] : null;
        if (command is null)
        {
            reason = "no C compiler (gcc)";
            return null;
        }

        reason = null;
        ProcessStartInfo start = Pinning.Start(command, processor: 0);
        foreach ((string name, string value) in contender.Environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        string? line = process.StandardOutput.ReadLine();
        if (!int.TryParse(line, out int port))
        {
            process.Kill();
            throw new InvalidOperationException($"{contender.Name} did not start: {line}");
        }

        return new ServerProcess(process, port);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    internal static string[] Assembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ServerProcess).Assembly.Location] : [];
}
