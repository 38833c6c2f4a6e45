using System.Globalization;
using Sluice.Faults.Kit;

namespace Sluice.Bench.Running;

/// <summary>Limits the processor time of a server, as a container's limit does: the server starts in a control group of its own.</summary>
/// <param name="processors">How many processors' time the server may use; null for no limit.</param>
internal sealed class Quota(double? processors)
{
    private const int PeriodMicroseconds = 100_000;

    // Enters the group before the server starts: .NET reads its limit at the start.
    private const string Enter = "echo $$ > \"$0\" && exec \"$@\"";

    public override string ToString() =>
        processors is { } count ? string.Create(CultureInfo.InvariantCulture, $"the server has {count} processors' time") : "no quota";

    /// <summary>Returns how to start <paramref name="command"/> under the quota.</summary>
    /// <param name="command">The command.</param>
    /// <param name="group">The group, to be disposed of after the command has ended; null without a quota.</param>
    /// <exception cref="UnmeasurableException">No group can be created.</exception>
    public IReadOnlyList<string> Limit(IReadOnlyList<string> command, out ControlGroup? group)
    {
        group = processors is { } count ? Create(count) : null;
        return group is null ? command : ["/bin/sh", "-c", Enter, group.Processes, .. command];
    }

    private static ControlGroup Create(double count)
    {
        string quota = ((long)(count * PeriodMicroseconds)).ToString(CultureInfo.InvariantCulture);
        ControlGroup? group = null;
        try
        {
            group = ControlGroup.Create("cpu");
            if (group.IsUnified)
            {
                group.Write("cpu.max", $"{quota} {PeriodMicroseconds}");
            }
            else
            {
                group.Write("cpu.cfs_period_us", PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
                group.Write("cpu.cfs_quota_us", quota);
            }

            return group;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            group?.Dispose();
            throw new UnmeasurableException($"no control group with a quota: {exception.Message}");
        }
    }
}
