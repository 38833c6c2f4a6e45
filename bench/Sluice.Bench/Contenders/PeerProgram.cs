using System.Diagnostics;
using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>A contender that is compiled from <c>bench/peers</c>, once per run.</summary>
internal sealed class PeerProgram
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Lazy<(string? Output, string? Reason)> _compiled;

    // A failed compilation is not tried again.
    public PeerProgram() => _compiled = new(Compile);

    /// <summary>The folder for compiled programs, inside the benchmark's output folder, which git ignores.</summary>
    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "compiled");

    public required string Compiler { get; init; }

    /// <summary>A file or folder in <c>bench/peers</c>, or a full path.</summary>
    public required string Source { get; init; }

    /// <summary>The compiler's arguments for a source and an output.</summary>
    public required Func<string, string, string[]> Arguments { get; init; }

    /// <summary>The command line that runs the output.</summary>
    public Func<string, string[]> Run { get; init; } = output => [output];

    /// <summary>The Debian packages of the compiler and the libraries; empty for the .NET SDK alone.</summary>
    public required string Packages { get; init; }

    /// <summary>Compiles the program, and returns the command line that runs it.</summary>
    /// <exception cref="UnmeasurableException">It cannot be compiled on this machine.</exception>
    public string[] Command()
    {
        (string? output, string? reason) = _compiled.Value;
        return Run(output ?? throw new UnmeasurableException(Packages.Length == 0 ? reason! : $"{reason} (Debian: {Packages})"));
    }

    /// <inheritdoc cref="Command()"/>
    public string[] Command(ServerMode mode) => mode == ServerMode.Raw ? Command() : [.. Command(), $"--{mode}".ToLowerInvariant()];

    private (string? Output, string? Reason) Compile()
    {
        if (Programs.Find(Compiler) is not { } compiler)
        {
            return (null, $"{Compiler} is not installed");
        }

        string output = Path.Combine(Folder, Path.GetFileNameWithoutExtension(Source));
        Directory.CreateDirectory(Folder);
        string[] arguments = Arguments(Path.Combine(AppContext.BaseDirectory, "peers", Source), output);
        using Process process = Process.Start(new ProcessStartInfo(compiler, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            return (null, $"{Compiler} did not finish");
        }

        return process.ExitCode == 0 ? (output, null) : (null, $"{Compiler}: {Essence(errors.Result)}");
    }

    private static string Essence(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "failed";
    }
}
