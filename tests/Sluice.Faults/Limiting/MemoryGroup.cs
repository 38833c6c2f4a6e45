using System.Globalization;

namespace Sluice.Faults.Limiting;

/// <summary>A control group of Linux, of version 1 or 2, whose processes have so much memory (linux Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst).</summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly bool _isUnified;

    private MemoryGroup(string folder, bool isUnified) => (_folder, _isUnified) = (folder, isUnified);

    /// <summary>Gets the command of a shell that enters the group.</summary>
    public string EnterCommand => $"echo $$ > {_folder}/cgroup.procs";

    /// <summary>Gets the most bytes that the group has had.</summary>
    public long Peak => long.Parse(File.ReadAllText(Path.Combine(_folder, _isUnified ? "memory.peak" : "memory.max_usage_in_bytes")), CultureInfo.InvariantCulture);

    /// <summary>Gets the number of processes that were killed because the group had no memory left.</summary>
    public long Killed => File.ReadLines(Path.Combine(_folder, _isUnified ? "memory.events" : "memory.oom_control"))
        .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>Makes a group; null if that is not possible here.</summary>
    public static MemoryGroup? TryCreate(long limit, string name)
    {
        bool isUnified = File.Exists(Path.Combine(Root, "cgroup.controllers"));
        string folder = Path.Combine(Root, isUnified ? "" : "memory", $"sluice-faults-{Environment.ProcessId}-{name}");
        try
        {
            if (isUnified)
            {
                File.WriteAllText(Path.Combine(Root, "cgroup.subtree_control"), "+memory");
            }

            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, isUnified ? "memory.max" : "memory.limit_in_bytes"), $"{limit}");
            return new MemoryGroup(folder, isUnified);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Delete(folder);
            return null;
        }
    }

    public void Dispose() => Delete(_folder);

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // It was not made, or a process is still in it.
        }
    }
}
