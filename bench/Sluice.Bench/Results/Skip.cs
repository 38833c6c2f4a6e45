namespace Sluice.Bench.Results;

/// <summary>A contender that was not measured, or not to the end, and why.</summary>
internal sealed record Skip(string Name, string Reason);
