namespace Sluice.Cli.Check;

/// <summary>The end of a check.</summary>
/// <param name="Fault">The fault that was found.</param>
/// <param name="Text">The fault and what to try, in plain sentences.</param>
internal sealed record Verdict(Fault Fault, string Text);
