using System.Diagnostics;
using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>A contender that is compiled here from a source in <c>bench/peers</c>, once a run.</summary>
internal sealed class PeerProgram
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Lazy<(string? Output, string? Reason)> _compiled;

    // What cannot be compiled is not tried again.
    public PeerProgram() => _compiled = new(Compile);

    /// <summary>Beside the benchmark's own output: git ignores that as well.</summary>
    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "compiled");

    public required string Compiler { get; init; }

    /// <summary>File or folder in <c>bench/peers</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What the compiler is given, for a source and an output.</summary>
    public required Func<string, string, string[]> Arguments { get; init; }

    /// <summary>How the output is run.</summary>
    public Func<string, string[]> Run { get; init; } = output => [output];

    /// <summary>The Debian packages that bring the compiler and what else it needs.</summary>
    public required string Packages { get; init; }

    /// <summary>Its command line.</summary>
    /// <exception cref="UnmeasurableException">It cannot be compiled here.</exception>
    public string[] Command(ServerMode mode)
    {
        (string? output, string? reason) = _compiled.Value;
        string[] command = Run(output ?? throw new UnmeasurableException($"{reason} (Debian: {Packages})"));
        return mode == ServerMode.Raw ? command : [.. command, $"--{mode}".ToLowerInvariant()];
    }

    private (string? Output, string? Reason) Compile()
    {
        if (Programs.Find(Compiler) is not { } compiler)
        {
            return (null, $"no {Compiler}");
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
            return (null, $"{Compiler} did not end");
        }

        return process.ExitCode == 0 ? (output, null) : (null, $"{Compiler}: {Essence(errors.Result)}");
    }

    private static string Essence(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "failed";
    }
}
