using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Sluice.Bench;

/// <summary>Describes the machine and the versions that were measured.</summary>
internal static class Machine
{
    private const string LoadFile = "/proc/loadavg";
    private const int AveragesInLoadFile = 3;

    // Read before the benchmark adds its own load: it shows how busy the machine was, and so how reliable the figures are.
    private static readonly string? s_loadBefore =
        File.Exists(LoadFile) ? string.Join(", ", File.ReadAllText(LoadFile).Split(' ').Take(AveragesInLoadFile)) : null;

    public static IReadOnlyList<(string Name, string Value)> Facts(Settings settings) =>
    [
        ("processor", $"{Processor()}, {Environment.ProcessorCount} cores"),
        ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, kernel {Environment.OSVersion.Version}"),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("Sluice", Version()),
        ("load before", s_loadBefore ?? "unknown"),
        ("measured", string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC")),
        ("rounds", string.Create(CultureInfo.InvariantCulture, $"{settings.Rounds} of {settings.Duration.TotalSeconds} s, interleaved; {settings.Pinning}; {settings.Quota}")),
    ];

    /// <summary>Returns the command that repeats the run from the root of the repository.</summary>
    public static string Command()
    {
        string[] arguments = Environment.GetCommandLineArgs()[1..];
        string command = "dotnet run -c Release --project bench/Sluice.Bench";
        return arguments.Length > 0 ? $"{command} -- {string.Join(' ', arguments)}" : command;
    }

    private static string Processor()
    {
        const string label = "model name";
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal)) : null;
        return line is null ? $"{RuntimeInformation.ProcessArchitecture}" : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Version() =>
        typeof(SelectorManager).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
