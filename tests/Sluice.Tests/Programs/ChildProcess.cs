using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Sluice.Tests.Programs;

/// <summary>This assembly as a process of its own; see <see cref="Program"/>.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Where an echo server listens.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>How to start this assembly as a program.</summary>
    public static string[] Command { get; } =
        [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", typeof(ChildProcess).Assembly.Location];

    public static ChildProcess Start(string[] arguments, params (string Name, string? Value)[] environment) =>
        Run([.. Command, .. arguments], environment);

    /// <summary>Any program that answers a line for a line, or lives until its input ends.</summary>
    public static ChildProcess Run(string[] command, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };

        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!);
    }

    public static async Task<ChildProcess> ServeAsync(SelectorEngine engine)
    {
        ChildProcess child = Start(["serve", engine.ToString()]);
        child.EndPoint = new IPEndPoint(IPAddress.Loopback, int.Parse(await child.ReadLineAsync(), CultureInfo.InvariantCulture));
        return child;
    }

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().Soon() ?? throw new EndOfStreamException("The child process has ended.");

    public async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await ReadLineAsync();
    }

    public async Task<double> AskNumberAsync(string command) => double.Parse(await AskAsync(command), CultureInfo.InvariantCulture);

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().Soon();
        }
        finally
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
        }
    }
}
