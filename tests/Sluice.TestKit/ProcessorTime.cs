using System.Diagnostics;
using System.Globalization;

namespace Sluice.TestKit;

/// <summary>The processor time that this process uses.</summary>
internal static class ProcessorTime
{
    // Linux cuts the name of a thread after 15 characters. A thread of the test runner may look for work without a pause while a fixture runs alone
    // (https://github.com/nunit/nunit/issues/2761).
    private static readonly string[] s_others = [".NET Tiered Com", "NUnit.Fw.Parall", "NUnit.Fw.NonPar"];

    /// <summary>
    /// What all threads have used, but not those of the test runner, nor the one that compiles hot methods again: on a busy machine it works for minutes. Where
    /// the system does not say what a thread uses, that of the whole process.
    /// </summary>
    public static TimeSpan OfTests()
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
                if (!s_others.Contains(File.ReadAllText(Path.Combine(task, "comm")).TrimEnd()))
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
