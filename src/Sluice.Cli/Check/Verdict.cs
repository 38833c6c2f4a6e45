namespace Sluice.Cli.Check;

/// <summary>The end of a check.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Text">What is wrong, and what to try, in plain sentences.</param>
internal sealed record Verdict(Fault Fault, string Text);
