namespace Sluice.Faults.Kit;

/// <summary>
/// A control group of Linux with one controller, of version 1 or 2 (Linux' Documentation/admin-guide/cgroup-v1, Documentation/admin-guide/cgroup-v2.rst).
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private static int s_groups;

    private readonly string _folder;

    private ControlGroup(string folder, bool isUnified) => (_folder, IsUnified) = (folder, isUnified);

    /// <summary>Gets a value indicating whether it is of version 2.</summary>
    public bool IsUnified { get; }

    /// <summary>Gets the path of the file that a process writes its number to so as to enter the group.</summary>
    public string Processes => Path.Combine(_folder, "cgroup.procs");

    /// <summary>Creates a group.</summary>
    /// <exception cref="IOException">This system has no such controller.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not.</exception>
    public static ControlGroup Create(string controller)
    {
        bool isUnified = File.Exists(Path.Combine(Root, "cgroup.controllers"));
        string parent = Path.Combine(Root, isUnified ? "" : controller);
        if (isUnified)
        {
            File.WriteAllText(Path.Combine(Root, "cgroup.subtree_control"), $"+{controller}");
        }
        else if (!Directory.Exists(parent))
        {
            throw new DirectoryNotFoundException($"There is no {parent}.");
        }

        string folder = Path.Combine(parent, $"sluice-{Environment.ProcessId}-{Interlocked.Increment(ref s_groups)}");
        Directory.CreateDirectory(folder);
        return new ControlGroup(folder, isUnified);
    }

    /// <summary>Sets a limit.</summary>
    public void Write(string file, string value) => File.WriteAllText(Path.Combine(_folder, file), value);

    /// <summary>Reads a limit or a count.</summary>
    public string[] Read(string file) => File.ReadAllLines(Path.Combine(_folder, file));

    /// <summary>Removes the group, once its processes have ended.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // A process is still in it.
        }
    }
}
