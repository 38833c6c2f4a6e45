namespace Sluice.Cli.Bench.Ramps;

/// <summary>The steps of a ramp, and why it ended.</summary>
/// <param name="Steps">The steps, each with results.</param>
/// <param name="Last">The step with which it ended, also if it has no results.</param>
/// <param name="End">Why it ended.</param>
internal sealed record RampResult(IReadOnlyList<RampStep> Steps, RampStep Last, RampEnd End)
{
    /// <summary>Gets the last step that the server kept up with; null if there is none.</summary>
    public RampStep? Best => Steps.LastOrDefault(step => step.Verdict() is null);
}
