using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Sluice.Cli.Tests;

/// <summary>The real command, in a process of its own.</summary>
internal sealed class Cli : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _commandLine;
    private readonly StringBuilder _seen = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _readingErrors;
    private long _typed;

    private Cli(Process process, string commandLine)
    {
        _process = process;
        _commandLine = commandLine;
        _readingErrors = ReadErrorsAsync();
    }

    /// <summary>What it has used of a processor so far.</summary>
    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    public static Cli Start(params string[] arguments) =>
        Start(new ProcessStartInfo("dotnet", [typeof(ExitCodes).Assembly.Location, .. arguments]), $"sluice {string.Join(' ', arguments)}");

    /// <summary>Starts a command line of the shell, in which <c>$SLUICE</c> is the command.</summary>
    public static Cli StartShell(string commandLine)
    {
        var start = new ProcessStartInfo("sh", ["-c", commandLine]);
        start.Environment["SLUICE"] = $"dotnet {typeof(ExitCodes).Assembly.Location}";
        return Start(start, commandLine);
    }

    private static Cli Start(ProcessStartInfo start, string commandLine)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        start.StandardOutputEncoding = Encoding.UTF8;

        // The environment of the test run may name an engine; the tests name their own.
        start.Environment.Remove("SLUICE_ENGINE");
        return new Cli(Process.Start(start)!, commandLine);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using Cli cli = Start(arguments);
        cli.CloseInput();
        return await cli.EndAsync();
    }

    /// <summary>Starts a command that says on its standard error where it listens. Returns its port.</summary>
    public static async Task<(Cli Server, int Port)> StartListeningAsync(string pattern, params string[] arguments)
    {
        Cli server = Start(arguments);
        try
        {
            return (server, int.Parse(await server.ErrorMatchAsync(pattern), CultureInfo.InvariantCulture));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until whole lines on its standard error match. Returns the first group.</summary>
    public async Task<string> ErrorMatchAsync(string pattern)
    {
        System.Text.RegularExpressions.Match? match = null;
        await Waiting.UntilAsync(
            async () =>
            {
                bool hasEnded = _process.HasExited;
                if (hasEnded)
                {
                    await _readingErrors.Soon();
                }

                string errors = ReadErrors();
                string lines = hasEnded ? errors : errors[..(errors.LastIndexOf('\n') + 1)];
                match = System.Text.RegularExpressions.Regex.Match(lines, pattern, System.Text.RegularExpressions.RegexOptions.Multiline);
                return match.Success || hasEnded;
            },
            $"'{pattern}' on the standard error of '{_commandLine}'");
        return match!.Success ? match.Groups[1].Value : throw new EndOfStreamException($"'{_commandLine}' has ended: {ReadErrors()}");
    }

    /// <summary>Starts an echo server at a free port, and waits until it is ready.</summary>
    public static async Task<(Cli Server, int Port)> StartEchoAsync(params string[] options)
    {
        Cli server = Start(["echo", "127.0.0.1:0", .. options]);
        try
        {
            string line = await server.ReadLineAsync();
            Assert.That(line, Does.Match(@"^Started echo server at 127\.0\.0\.1:\d+$"));
            return (server, int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task<string> ReadLineAsync()
    {
        string? line = await _process.StandardOutput.ReadLineAsync().Soon($"a further line of '{_commandLine}'");
        _seen.AppendLine(line);
        return line ?? throw new EndOfStreamException($"'{_commandLine}' has ended.");
    }

    /// <summary>Reads lines until one matches. Returns its first group.</summary>
    public async Task<string> ReadMatchAsync(string pattern)
    {
        while (true)
        {
            System.Text.RegularExpressions.Match match = System.Text.RegularExpressions.Regex.Match(await ReadLineAsync(), pattern);
            if (match.Success)
            {
                return match.Groups[1].Value;
            }
        }
    }

    /// <summary>Reads exactly what is expected to be printed, without waiting for a whole line.</summary>
    public async Task ExpectAsync(string text)
    {
        char[] printed = new char[text.Length];
        int count = await _process.StandardOutput.ReadBlockAsync(printed.AsMemory()).Soon($"'{text}' from '{_commandLine}'");
        _seen.Append(printed, 0, count);
        Assert.That(new string(printed, 0, count), Is.EqualTo(text));
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text).Soon($"'{_commandLine}' takes its input");
        await _process.StandardInput.FlushAsync().Soon($"'{_commandLine}' takes its input");
    }

    public async Task TypeAsync(byte[] bytes)
    {
        await _process.StandardInput.BaseStream.WriteAsync(bytes).Soon($"'{_commandLine}' takes its input");
        await _process.StandardInput.BaseStream.FlushAsync().Soon($"'{_commandLine}' takes its input");
    }

    /// <summary>Reads so many bytes that are printed. Nothing else may read what is printed.</summary>
    public async Task<byte[]> ReadBytesAsync(int count)
    {
        byte[] bytes = new byte[count];
        await _process.StandardOutput.BaseStream.ReadExactlyAsync(bytes).Soon($"{count} bytes of '{_commandLine}'");
        return bytes;
    }

    /// <summary>Types until the command takes no more.</summary>
    public async Task TypeForeverAsync()
    {
        string text = new string('x', 1000) + "\n";
        try
        {
            while (true)
            {
                await _process.StandardInput.WriteAsync(text);
                Interlocked.Add(ref _typed, text.Length);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It has ended.
        }
    }

    /// <summary>Waits until the command takes nothing more of what <see cref="TypeForeverAsync"/> types: all buffers between it and its peer are full.</summary>
    public async Task ExpectFullAsync()
    {
        // A busy machine lets the command wait for its turn, too, but not for so long.
        var pause = TimeSpan.FromSeconds(1);
        long before = -1;
        long typed;
        while ((typed = Interlocked.Read(ref _typed)) == 0 || typed != before)
        {
            before = typed;
            await Task.Delay(pause);
        }
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Reads nothing more of what it prints.</summary>
    public void CloseOutput() => _process.StandardOutput.BaseStream.Dispose();

    /// <summary>Waits for its end after <see cref="CloseOutput"/>.</summary>
    public async Task<(int ExitCode, string Errors)> EndWithoutOutputAsync()
    {
        await _process.WaitForExitAsync().Soon($"the end of '{_commandLine}'");
        await _readingErrors.Soon();
        return (_process.ExitCode, ReadErrors());
    }

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no such signals.");
        }

        int bit = name switch
        {
            "HUP" => 1 << 0,
            "INT" => 1 << 1,
            _ => 0,
        };
        if (await IgnoresAsync(bit))
        {
            Assert.Ignore($"The process that started the tests ignores SIG{name}, as nohup does, or a shell for a background job, and so does every process they start.");
        }

        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync().Soon();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        _seen.Append(await _process.StandardOutput.ReadToEndAsync().Soon($"the end of what '{_commandLine}' prints"));
        await _process.WaitForExitAsync().Soon($"the end of '{_commandLine}'");
        await _readingErrors.Soon();
        return (_process.ExitCode, _seen.ToString(), ReadErrors());
    }

    /// <summary>Ends it if it still runs, and writes what it printed to the test's output.</summary>
    public async ValueTask DisposeAsync()
    {
        string end;
        if (_process.HasExited)
        {
            end = $"exited with {_process.ExitCode}";
        }
        else
        {
            end = "was still running";
            _process.Kill();
            await _process.WaitForExitAsync().Soon();
        }

        await TestContext.Out.WriteLineAsync($"'{_commandLine}' {end}. It printed: {_seen}");
        await TestContext.Out.WriteLineAsync($"And on stderr: {ReadErrors()}");
        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        char[] buffer = new char[1024];
        int count;
        while ((count = await _process.StandardError.ReadAsync(buffer)) > 0)
        {
            lock (_errors)
            {
                _errors.Append(buffer, 0, count);
            }
        }
    }

    private string ReadErrors()
    {
        lock (_errors)
        {
            return _errors.ToString();
        }
    }

    private async Task<bool> IgnoresAsync(int signal)
    {
        const string ignored = "SigIgn:";
        string status = $"/proc/{_process.Id}/status";
        string[] lines = File.Exists(status) ? await File.ReadAllLinesAsync(status) : [];
        string? mask = lines.FirstOrDefault(line => line.StartsWith(ignored, StringComparison.Ordinal));
        return mask is not null && (ulong.Parse(mask[ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (ulong)signal) != 0;
    }
}
