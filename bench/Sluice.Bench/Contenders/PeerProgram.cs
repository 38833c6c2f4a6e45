using System.ComponentModel;
using System.Diagnostics;
using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>A contender that is compiled here from a source in <c>bench/peers</c>, once a run.</summary>
internal sealed class PeerProgram(string compiler, Func<string, string, string[]> arguments, Func<string, string[]> command, string source)
{
    private const string Lines = "--lines";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    // What cannot be compiled is not tried again.
    private Lazy<string>? _output;

    /// <summary>Its command line.</summary>
    /// <exception cref="UnmeasurableException">It cannot be compiled here.</exception>
    public string[] Command(EchoMode mode)
    {
        _output ??= new Lazy<string>(Compile);
        return mode == EchoMode.Lines ? [.. command(_output.Value), Lines] : command(_output.Value);
    }

    private string Compile()
    {
        // Beside the benchmark's own output: git ignores that as well.
        string output = Path.Combine(AppContext.BaseDirectory, "compiled", Path.GetFileNameWithoutExtension(source));
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        string[] all = arguments(Path.Combine(AppContext.BaseDirectory, "peers", source), output);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(compiler, all) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            if (!process.WaitForExit(s_patience))
            {
                process.Kill(entireProcessTree: true);
                throw new UnmeasurableException($"{compiler} did not end");
            }

            return process.ExitCode == 0 ? output : throw new UnmeasurableException($"{compiler}: {Essence(errors.Result)}");
        }
        catch (Win32Exception)
        {
            throw new UnmeasurableException($"no {compiler}");
        }
    }

    private static string Essence(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "failed";
    }
}
