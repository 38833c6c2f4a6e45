using System.Diagnostics;
using System.Globalization;

namespace Sluice.TestKit;

/// <summary>The processor time that this process uses.</summary>
internal static class ProcessorTime
{
    // Linux cuts the name of a thread after 15 characters.
    private const string Compiler = ".NET Tiered Com";

    /// <summary>
    /// What all threads have used, but not the one that compiles hot methods again: on a busy machine it works for minutes. Where the system does not
    /// say what a thread uses, that of the whole process.
    /// </summary>
    public static TimeSpan WithoutCompiler()
    {
        if (!File.Exists("/proc/self/schedstat"))
        {
            using var process = Process.GetCurrentProcess();
            return process.TotalProcessorTime;
        }

        long nanoseconds = 0;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() != Compiler)
                {
                    nanoseconds += long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // Ended since.
            }
        }

        return TimeSpan.FromMicroseconds(nanoseconds / 1000);
    }
}
