namespace Sluice.TestKit;

/// <summary>What the process holds of the system.</summary>
internal static class Descriptors
{
    /// <summary>
    /// How many descriptors are open, assemblies and their symbols not counted, which the runtime loads when it likes; ends the test where the system does
    /// not say.
    /// </summary>
    public static int Count()
    {
        if (!Directory.Exists("/proc/self/fd"))
        {
            Assert.Ignore("This system does not tell which descriptors are open.");
        }

        return Directory.GetFiles("/proc/self/fd").Count(file => !IsAssembly(file));
    }

    /// <summary>How many threads of that name there are.</summary>
    public static int Threads(string name)
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            Assert.Ignore("This system does not tell which threads there are.");
        }

        int count = 0;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                count += File.ReadAllText(Path.Combine(task, "comm")).Trim() == name ? 1 : 0;
            }
            catch (IOException)
            {
                // Ended since.
            }
        }

        return count;
    }

    private static bool IsAssembly(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget is { } target
                && (target.EndsWith(".dll", StringComparison.Ordinal) || target.EndsWith(".pdb", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // Closed since; the next look tells.
            return false;
        }
    }
}
