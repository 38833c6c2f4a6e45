namespace Sluice.Bench.Results;

/// <summary>A contender that was not measured, or not completely, and the reason.</summary>
internal sealed record Skip(string Name, string Reason)
{
    /// <summary>Returns a line for each reason.</summary>
    public static IEnumerable<string> Lines(IEnumerable<Skip> skipped) =>
        skipped.GroupBy(skip => skip.Reason).Select(group => $"{string.Join(", ", group.Select(skip => skip.Name))} skipped: {group.Key}");
}
