using System.Globalization;
using Sluice.Faults.Kit;

namespace Sluice.Faults.Limiting;

/// <summary>A control group whose processes have a limit of memory.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly ControlGroup _group;

    private MemoryGroup(ControlGroup group) => _group = group;

    /// <summary>Gets the command of a shell that enters the group.</summary>
    public string EnterCommand => $"echo $$ > {_group.Processes}";

    /// <summary>Gets the most bytes that the group has had.</summary>
    public long Peak => long.Parse(_group.Read(_group.IsUnified ? "memory.peak" : "memory.max_usage_in_bytes")[0], CultureInfo.InvariantCulture);

    /// <summary>Gets the number of processes that were killed because the group had no memory left.</summary>
    public long Killed => _group.Read(_group.IsUnified ? "memory.events" : "memory.oom_control")
        .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>Creates a group; null if that is not possible here.</summary>
    public static MemoryGroup? TryCreate(long limit)
    {
        ControlGroup? group = null;
        try
        {
            group = ControlGroup.Create("memory");
            group.Write(group.IsUnified ? "memory.max" : "memory.limit_in_bytes", $"{limit}");
            return new MemoryGroup(group);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            group?.Dispose();
            return null;
        }
    }

    public void Dispose() => _group.Dispose();
}
