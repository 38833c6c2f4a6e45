using System.Diagnostics;

namespace Sluice.Cli.EndPoints;

/// <summary>A link to the standard input and output of a command, which is started by the shell.</summary>
internal sealed class CommandLink : StreamLink
{
    /// <summary>The descriptors of a command that runs: a pipe to it, and one from it.</summary>
    public const int Descriptors = 2;

    // One command starts at a time: until it has started, it takes more descriptors than its own, and the reserve has only so many.
    private static readonly Lock s_starting = new();

    private readonly Process _process;

    // Written by the task that writes, read by the one that catches what it throws.
    private bool _hasClosedInput;

    private CommandLink(string name, Process process)
        : base(name, process.StandardOutput.BaseStream, process.StandardInput.BaseStream) => _process = process;

    /// <summary>Starts a command. Its standard error is that of this process.</summary>
    /// <param name="command">The command line, for the shell.</param>
    /// <param name="environment">Further variables of its environment.</param>
    public static CommandLink Start(string command, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        ProcessStartInfo start = OperatingSystem.IsWindows() ? new("cmd.exe", ["/d", "/c", command]) : new("/bin/sh", ["-c", command]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        lock (s_starting)
        {
            return new CommandLink($"exec:{command}", Process.Start(start)!);
        }
    }

    public override string? Failure => _process is { HasExited: true, ExitCode: not 0 } ? $"{Name}: exit code {_process.ExitCode}" : null;

    /// <summary>Gets a value indicating whether a write has failed: the command has closed its input, or has ended. It may still have output.</summary>
    public bool HasClosedInput => _hasClosedInput;

    // A command has ended when its process has: it may close its output, or write to a file, and still read.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await base.ReadAsync(buffer, cancellationToken);
        if (count == 0)
        {
            await _process.WaitForExitAsync(cancellationToken);
        }

        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException)
        {
            _hasClosedInput = true;
            throw;
        }
    }

    public override ValueTask EndAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    // Its end ends the reads of its output. A pending read of a pipe that is closed would never end.
    public override void Abort() => Kill();

    public override async ValueTask DisposeAsync()
    {
        Kill();
        await base.DisposeAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
