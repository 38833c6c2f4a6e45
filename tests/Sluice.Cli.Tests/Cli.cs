using System.Diagnostics;
using System.Text;

namespace Sluice.Cli.Tests;

/// <summary>The real command, in a process of its own.</summary>
internal sealed class Cli : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _seen = new();
    private readonly Task<string> _errors;

    private Cli(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static Cli Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(HostAndPort).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        return new Cli(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using Cli cli = Start(arguments);
        cli.CloseInput();
        return await cli.EndAsync();
    }

    /// <summary>Starts an echo server at a free port, and waits until it is ready.</summary>
    public static async Task<(Cli Server, int Port)> StartEchoAsync(params string[] options)
    {
        Cli server = Start(["echo", "127.0.0.1:0", .. options]);
        string line = await server.ReadLineAsync();
        Assert.That(line, Does.Match(@"^Started echo server at 127\.0\.0\.1:\d+$"));
        return (server, int.Parse(line[(line.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task<string> ReadLineAsync()
    {
        try
        {
            string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
            _seen.AppendLine(line);
            return line ?? throw new EndOfStreamException($"The command has ended. It printed: {_seen}{await _errors}");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The command printed no further line. Before: {_seen}", exception);
        }
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no such signals.");
        }

        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        try
        {
            _seen.Append(await _process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience));
            await _process.WaitForExitAsync().WaitAsync(s_patience);
            return (_process.ExitCode, _seen.ToString(), await _errors.WaitAsync(s_patience));
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The command did not end. It printed: {_seen}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
