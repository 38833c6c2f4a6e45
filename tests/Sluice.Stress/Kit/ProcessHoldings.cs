namespace Sluice.Stress.Kit;

/// <summary>Lists what the process holds of the system, for a comparison with what it holds later. Nothing on systems that do not say.</summary>
internal static class ProcessHoldings
{
    /// <summary>What the open descriptors refer to, without files: the runtime keeps those of its assemblies open.</summary>
    public static IEnumerable<string> Descriptors() => !Directory.Exists("/proc/self/fd")
        ? []
        : Directory.GetFiles("/proc/self/fd").Select(file =>
        {
            try
            {
                return new FileInfo(file).LinkTarget;
            }
            catch (IOException)
            {
                // Closed since.
                return null;
            }
        }).OfType<string>().Where(target => target.StartsWith("socket:", StringComparison.Ordinal)
            || target.StartsWith("pipe:", StringComparison.Ordinal)
            || target.StartsWith("anon_inode:", StringComparison.Ordinal));

    /// <summary>The number of threads that the library has started.</summary>
    public static int CountThreads() => !Directory.Exists("/proc/self/task")
        ? 0
        : Directory.GetDirectories("/proc/self/task").Count(task =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("Sluice ", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // Ended since.
                return false;
            }
        });
}
