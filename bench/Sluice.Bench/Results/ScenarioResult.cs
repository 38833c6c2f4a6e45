namespace Sluice.Bench.Results;

/// <summary>A scenario and how all contenders did.</summary>
internal sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<ContenderResult> Contenders, IReadOnlyList<Skip> Skipped)
{
    /// <summary>What the ratios are to: the first.</summary>
    public ContenderResult? Reference => Contenders.Count > 0 ? Contenders[0] : null;
}
