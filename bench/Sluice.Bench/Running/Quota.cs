using System.Globalization;

namespace Sluice.Bench.Running;

/// <summary>
/// Limits the processor time of a server, as a container's limit does: the server starts in a cgroup of its own, of version 2 or 1
/// (https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/scheduler/sched-bwc.html).
/// </summary>
/// <param name="processors">How many processors' time the server may use; null for no limit.</param>
internal sealed class Quota(double? processors)
{
    private const string Root = "/sys/fs/cgroup";
    private const int PeriodMicroseconds = 100_000;

    // Enters the group before the server starts: .NET reads its limit at the start.
    private const string Enter = "echo $$ > \"$0\" && exec \"$@\"";

    private static int s_groups;

    public override string ToString() =>
        processors is { } count ? string.Create(CultureInfo.InvariantCulture, $"the server has {count} processors' time") : "no quota";

    /// <summary>Returns how to start <paramref name="command"/> under the quota.</summary>
    /// <param name="command">The command.</param>
    /// <param name="group">The folder of its cgroup, to be removed after it has ended; null without a quota.</param>
    /// <exception cref="UnmeasurableException">No cgroup can be created.</exception>
    public IReadOnlyList<string> Limit(IReadOnlyList<string> command, out string? group)
    {
        group = processors is { } count ? Create(count) : null;
        return group is null ? command : ["/bin/sh", "-c", Enter, Path.Combine(group, "cgroup.procs"), .. command];
    }

    private static string Create(double count)
    {
        string quota = ((long)(count * PeriodMicroseconds)).ToString(CultureInfo.InvariantCulture);
        bool unified = File.Exists(Path.Combine(Root, "cgroup.controllers"));
        string name = $"sluice-bench-{Environment.ProcessId}-{Interlocked.Increment(ref s_groups)}";
        string group = Path.Combine(Root, unified ? "" : "cpu", name);
        try
        {
            Directory.CreateDirectory(group);
            if (unified)
            {
                File.WriteAllText(Path.Combine(group, "cpu.max"), $"{quota} {PeriodMicroseconds}");
            }
            else
            {
                File.WriteAllText(Path.Combine(group, "cpu.cfs_period_us"), PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
                File.WriteAllText(Path.Combine(group, "cpu.cfs_quota_us"), quota);
            }

            return group;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnmeasurableException($"no cgroup with a quota: {exception.Message}");
        }
    }
}
